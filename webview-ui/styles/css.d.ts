// esbuild writes what is imported so beside the script.
declare module '*.css';
