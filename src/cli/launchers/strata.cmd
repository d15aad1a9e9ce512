@echo off
setlocal
if not defined STRATA_NODE goto fallback
if not exist "%STRATA_NODE%" goto fallback
set ELECTRON_RUN_AS_NODE=1
"%STRATA_NODE%" "%~dp0..\cli.js" %*
exit /b %ERRORLEVEL%
:fallback
node "%~dp0..\cli.js" %*
exit /b %ERRORLEVEL%
