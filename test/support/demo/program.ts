/** The instruction sets that `printingProgram` knows, in Go's words. */
export type Architecture = 'amd64' | 'arm64' | 'arm';

const LOAD_ADDRESS = 0x10000;

/**
 * A static Linux program (ELF) that prints a text and ends with 0: an image that holds it runs with nothing else in it.
 * @param text ASCII, at most 255 characters.
 */
export function printingProgram(architecture: Architecture, text: string): Buffer {
  const message = Buffer.from(text, 'ascii');
  if (message.length > 255) throw new Error('the text is too long');
  const body = Buffer.concat([INSTRUCTIONS[architecture](message.length), message]);
  return architecture === 'arm' ? elf32(40, body) : elf64(architecture === 'amd64' ? 62 : 183, body);
}

/** write(1, message, length); exit(0). The message lies right behind the code. */
const INSTRUCTIONS: Record<Architecture, (length: number) => Buffer> = {
  amd64: (length) =>
    Buffer.from([
      ...[0xb8, 1, 0, 0, 0], // mov eax, 1 (write)
      ...[0xbf, 1, 0, 0, 0], // mov edi, 1
      ...[0x48, 0x8d, 0x35, 16, 0, 0, 0], // lea rsi, [rip + 16]
      ...[0xba, length, 0, 0, 0], // mov edx, length
      ...[0x0f, 0x05], // syscall
      ...[0xb8, 60, 0, 0, 0], // mov eax, 60 (exit)
      ...[0x31, 0xff], // xor edi, edi
      ...[0x0f, 0x05], // syscall
    ]),
  arm64: (length) =>
    words([
      0xd2800020, // mov x0, 1
      0x100000e1, // adr x1, 28 bytes on
      0xd2800002 + length * 32, // mov x2, length
      0xd2800808, // mov x8, 64 (write)
      0xd4000001, // svc 0
      0xd2800000, // mov x0, 0
      0xd2800ba8, // mov x8, 93 (exit)
      0xd4000001, // svc 0
    ]),
  arm: (length) =>
    words([
      0xe3a00001, // mov r0, 1
      0xe28f1014, // add r1, pc, 20
      0xe3a02000 + length, // mov r2, length
      0xe3a07004, // mov r7, 4 (write)
      0xef000000, // svc 0
      0xe3a00000, // mov r0, 0
      0xe3a07001, // mov r7, 1 (exit)
      0xef000000, // svc 0
    ]),
};

function words(values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => buffer.writeUInt32LE(value, i * 4));
  return buffer;
}

/** One header, one segment that is loaded whole: readable and executable. */
function elf64(machine: number, body: Buffer): Buffer {
  const head = Buffer.alloc(64 + 56);
  const size = BigInt(head.length + body.length);
  writeIdentity(head, 2, machine);
  head.writeBigUInt64LE(BigInt(LOAD_ADDRESS + head.length), 24);
  head.writeBigUInt64LE(64n, 32);
  head.writeUInt16LE(64, 52);
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(1, 56);
  head.writeUInt32LE(1, 64);
  head.writeUInt32LE(5, 68);
  head.writeBigUInt64LE(BigInt(LOAD_ADDRESS), 80);
  head.writeBigUInt64LE(BigInt(LOAD_ADDRESS), 88);
  head.writeBigUInt64LE(size, 96);
  head.writeBigUInt64LE(size, 104);
  head.writeBigUInt64LE(BigInt(LOAD_ADDRESS), 112);
  return Buffer.concat([head, body]);
}

function elf32(machine: number, body: Buffer): Buffer {
  const head = Buffer.alloc(52 + 32);
  const size = head.length + body.length;
  writeIdentity(head, 1, machine);
  const header = [LOAD_ADDRESS + head.length, 52, 0, 0x0500_0000];
  header.forEach((value, i) => head.writeUInt32LE(value, 24 + i * 4));
  head.writeUInt16LE(52, 40);
  head.writeUInt16LE(32, 42);
  head.writeUInt16LE(1, 44);
  const segment = [1, 0, LOAD_ADDRESS, LOAD_ADDRESS, size, size, 5, LOAD_ADDRESS];
  segment.forEach((value, i) => head.writeUInt32LE(value, 52 + i * 4));
  return Buffer.concat([head, body]);
}

function writeIdentity(head: Buffer, wordClass: 1 | 2, machine: number): void {
  head.set([0x7f, 0x45, 0x4c, 0x46, wordClass, 1, 1]);
  head.writeUInt16LE(2, 16);
  head.writeUInt16LE(machine, 18);
  head.writeUInt32LE(1, 20);
}
