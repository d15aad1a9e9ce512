import { describe, expect, it } from 'vitest';
import { applyChanges } from './applyChanges.ts';

/** Every value here is what Docker 20.10.24 made of it; archivesOracle.test.ts asks it again for some. */

function changed(change: string, field: string): unknown {
  return applyChanges({}, [change])[field];
}

describe('applyChanges', () => {
  it.each([
    ['CMD ["x","y"]', 'Cmd', ['x', 'y']],
    ['CMD    a   b  ', 'Cmd', ['/bin/sh', '-c', 'a   b']],
    ['CMD', 'Cmd', ['/bin/sh', '-c']],
    ['CMD []', 'Cmd', []],
    ['CMD ["a",', 'Cmd', ['/bin/sh', '-c', '["a",']],
    ["CMD ['a']", 'Cmd', ['/bin/sh', '-c', "['a']"]],
    ['CMD ["a\\u0041"]', 'Cmd', ['aA']],
    ['cmd lower', 'Cmd', ['/bin/sh', '-c', 'lower']],
    ['CMD a \\\nb', 'Cmd', ['/bin/sh', '-c', 'a b']],
    ['# escape=`\nCMD a `\nb', 'Cmd', ['/bin/sh', '-c', 'a b']],
    ['CMD x\nENTRYPOINT ["a"]', 'Cmd', ['/bin/sh', '-c', 'x']],
    ['ENTRYPOINT ["a"]\nCMD x', 'Entrypoint', ['a']],
    ['ENTRYPOINT /bin/sh -c', 'Entrypoint', ['/bin/sh', '-c', '/bin/sh -c']],
    ['ENTRYPOINT', 'Entrypoint', null],
    ['ENTRYPOINT []', 'Entrypoint', null],
    ['ENTRYPOINT [""]', 'Entrypoint', ['']],
    ['ENV a b c', 'Env', ['a=b c']],
    ['ENV a "b"', 'Env', ['a=b']],
    ['ENV a=', 'Env', ['a=']],
    ['ENV a=$b', 'Env', ['a=']],
    ['ENV a=\\$b', 'Env', ['a=$b']],
    ["ENV a='$b'", 'Env', ['a=$b']],
    ['ENV a=b\\', 'Env', ['a=b']],
    ['ENV "a b"=c', 'Env', ['a b=c']],
    [`ENV a='b'c"d"`, 'Env', ['a=bcd']],
    [`ENV a=b\\ c d="e \\" f" g='h i'`, 'Env', ['a=b c', 'd=e " f', 'g=h i']],
    ['ENV a=b\nENV c=${a:-z}${q:-w}${a:+p}', 'Env', ['a=b', 'c=bwp']],
    ['ENV a=1 b=$a\nENV a=2', 'Env', ['a=2', 'b=']],
    ['EXPOSE 80 443/udp', 'ExposedPorts', { '443/udp': {}, '80/tcp': {} }],
    ['EXPOSE 1-3/udp', 'ExposedPorts', { '1/udp': {}, '2/udp': {}, '3/udp': {} }],
    ['EXPOSE 127.0.0.1:80:80', 'ExposedPorts', { '80/tcp': {} }],
    ['EXPOSE 80-81:90-91', 'ExposedPorts', { '90/tcp': {}, '91/tcp': {} }],
    ['EXPOSE 80/TCP', 'ExposedPorts', { '80/tcp': {} }],
    ['EXPOSE $a', 'ExposedPorts', undefined],
    ['HEALTHCHECK NONE', 'Healthcheck', { Test: ['NONE'] }],
    ['HEALTHCHECK cmd x  y', 'Healthcheck', { Test: ['CMD-SHELL', 'x  y'] }],
    [
      'HEALTHCHECK --timeout=1m30s --start-period=2s CMD ["a","b"]',
      'Healthcheck',
      { Test: ['CMD', 'a', 'b'], Timeout: 90e9, StartPeriod: 2e9 },
    ],
    ['HEALTHCHECK --interval=1.5h CMD x', 'Healthcheck', { Test: ['CMD-SHELL', 'x'], Interval: 5400e9 }],
    ['LABEL a=b "c d"=e', 'Labels', { a: 'b', 'c d': 'e' }],
    ['LABEL a b c', 'Labels', { a: 'b c' }],
    ['LABEL "a b"=1 d=', 'Labels', { 'a b': '1', d: '' }],
    ['LABEL a=b a=c', 'Labels', { a: 'c' }],
    ['LABEL a="x$y"', 'Labels', { a: 'x' }],
    ['ONBUILD   RUN  a   b', 'OnBuild', ['RUN  a   b']],
    ['ONBUILD ["a"]', 'OnBuild', ['["a"]']],
    ['STOPSIGNAL SIGKILL', 'StopSignal', 'SIGKILL'],
    ['STOPSIGNAL 9', 'StopSignal', '9'],
    ['USER a b', 'User', 'a b'],
    ["USER 'a'", 'User', 'a'],
    ['USER ""', 'User', ''],
    ['USER a\\ b', 'User', 'a b'],
    ['VOLUME /v /w', 'Volumes', { '/v': {}, '/w': {} }],
    ['VOLUME ["/a","/b"]', 'Volumes', { '/a': {}, '/b': {} }],
    ['VOLUME a/../b', 'Volumes', { 'a/../b': {} }],
    ['WORKDIR /w\nWORKDIR rel', 'WorkingDir', '/w/rel'],
    ['WORKDIR a\nWORKDIR ../../b', 'WorkingDir', '/b'],
    ['WORKDIR a/', 'WorkingDir', '/a'],
    ['WORKDIR "a b"', 'WorkingDir', '/a b'],
  ])('%j sets %s', (change, field, value) => {
    expect(changed(change, field)).toEqual(value);
  });

  it.each([
    ['', 'file with no instructions'],
    ['#comment', 'file with no instructions'],
    ['RUN x', 'run is not a valid change command'],
    ['CMD x\nRUN y', 'run is not a valid change command'],
    ['FOO', 'foo is not a valid change command'],
    ['ENTRYPOINT ["a",1]', 'when using JSON array syntax, arrays must be comprised of strings only'],
    ['CMD --x y', 'Unknown flag: x'],
    ['ENV', 'ENV requires at least one argument'],
    ['ENV a', 'ENV must have two arguments'],
    ['ENV =b', 'ENV names can not be blank'],
    ['ENV a=b c', `Syntax error - can't find = in "c". Must be of the form: name=value`],
    [
      'ENV a="b',
      'failed to process "\\"b": unexpected end of statement while looking for matching double-quote',
    ],
    ['ENV a=${b', `failed to process "\${b": missing ':' in substitution`],
    ['ENV a=${b:?err}', 'failed to process "${b:?err}": b: err'],
    ['ENV a=${b:q}', 'failed to process "${b:q}": unsupported modifier (q) in substitution'],
    ['EXPOSE', 'EXPOSE requires at least one argument'],
    ['EXPOSE x', 'Invalid containerPort: x'],
    ['EXPOSE 80/foo', 'Invalid proto: foo'],
    ['EXPOSE 80-70', 'Invalid containerPort: 80-70'],
    ['EXPOSE 65536', 'Invalid containerPort: 65536'],
    ['EXPOSE ["80"]', 'Invalid containerPort: [80]'],
    ['EXPOSE 80:', 'No port specified: 80:<empty>'],
    ['EXPOSE 10:20:30', 'Invalid ip address: 10'],
    ['LABEL', 'LABEL requires at least one argument'],
    ['LABEL a', 'LABEL must have two arguments'],
    ['LABEL =c', 'LABEL names can not be blank'],
    ['HEALTHCHECK', 'HEALTHCHECK requires at least one argument'],
    ['HEALTHCHECK FOO', 'Unknown type "FOO" in HEALTHCHECK (try CMD)'],
    ['HEALTHCHECK --bad=1 CMD x', 'Unknown flag: bad'],
    ['HEALTHCHECK --interval=x CMD y', 'time: invalid duration "x"'],
    ['HEALTHCHECK --interval=0 CMD x', 'Interval "interval" cannot be less than 1ms'],
    ['HEALTHCHECK --interval=-1s CMD x', 'Interval "interval" cannot be less than 1ms'],
    ['HEALTHCHECK --interval=1us CMD x', 'Interval "interval" cannot be less than 1ms'],
    ['HEALTHCHECK --interval CMD x', 'Missing a value on flag: interval'],
    ['HEALTHCHECK --interval=1s --interval=2s CMD x', 'Duplicate flag specified: interval'],
    ['HEALTHCHECK --retries=0 CMD x', '--retries must be at least 1 (not 0)'],
    ['HEALTHCHECK --retries=x CMD x', 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['HEALTHCHECK CMD', 'Missing command after HEALTHCHECK CMD'],
    ['HEALTHCHECK CMD []', 'Missing command after HEALTHCHECK CMD'],
    ['HEALTHCHECK NONE x', 'HEALTHCHECK NONE takes no arguments'],
    ['ONBUILD', 'ONBUILD requires at least one argument'],
    ['ONBUILD FROM x', "FROM isn't allowed as an ONBUILD trigger"],
    ['ONBUILD ONBUILD x', "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"],
    ['STOPSIGNAL BAD', 'Invalid signal: BAD'],
    ['USER', 'USER requires exactly one argument'],
    ['VOLUME', 'VOLUME requires at least one argument'],
    ['VOLUME [""]', 'VOLUME specified can not be an empty string'],
    ['VOLUME $x', 'VOLUME specified can not be an empty string'],
    ['VOLUME ["a",2]', 'when using JSON array syntax, arrays must be comprised of strings only'],
    ['WORKDIR', 'WORKDIR requires exactly one argument'],
    ['WORKDIR ""', 'cannot normalize nothing'],
  ])('refuses %j', (change, detail) => {
    expect(() => applyChanges({}, [change])).toThrow(
      expect.objectContaining({ code: 'change-invalid', message: detail }),
    );
  });

  it('changes what an image has, and keeps the rest', () => {
    const config = { Env: ['PATH=/bin', 'A=1'], Cmd: ['old'], Labels: { kept: 'yes' }, Hostname: 'h' };
    const result = applyChanges(config, ['ENV A=$PATH', 'LABEL new=1', 'ENTRYPOINT ["e"]']);
    expect(result).toMatchObject({
      Hostname: 'h',
      Env: ['PATH=/bin', 'A=/bin'],
      Cmd: null,
      Entrypoint: ['e'],
      Labels: { kept: 'yes', new: '1' },
    });
    expect(config.Env).toEqual(['PATH=/bin', 'A=1']);
  });
});
