// A stand-in for the module that VS Code gives its extensions: every name exists, can be called, constructed and
// extended, and does nothing.

/** @returns {any} */
export function anything() {
  /** @type {Map<string | symbol, unknown>} */
  const members = new Map();
  return new Proxy(function () {}, {
    get(target, key) {
      if (key === 'prototype') return target.prototype;
      if (key === 'then') return undefined;
      if (key === Symbol.toPrimitive) return () => '';
      if (key === Symbol.iterator) return [][Symbol.iterator];
      if (!members.has(key)) members.set(key, anything());
      return members.get(key);
    },
    set: (_target, key, value) => {
      members.set(key, value);
      return true;
    },
    apply: () => anything(),
    construct: (target, _args, newTarget) =>
      newTarget.prototype === target.prototype ? anything() : Object.create(newTarget.prototype),
  });
}

// A bundler's interop copies own names and takes the prototype as it is: so all names are inherited.
const module = Object.create(anything());
export { module as 'module.exports' };
