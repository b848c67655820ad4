// A browser's recorder writes WebM without its length, so that players can neither show it nor jump in it. This writes
// the length into the beginning of the file (EBML: Segment > Info > Duration).
const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const DURATION = 0x4489;
const HEADER = 0x1a45dfa3;

function readId(bytes, at) {
  const width = Math.clz32(bytes[at]) - 23;
  let id = 0;
  for (let i = 0; i < width; i += 1) id = id * 256 + bytes[at + i];
  return { id, next: at + width };
}

function readSize(bytes, at) {
  const width = Math.clz32(bytes[at]) - 23;
  let size = bytes[at] & (0xff >> width);
  for (let i = 1; i < width; i += 1) size = size * 256 + bytes[at + i];
  return { size, next: at + width };
}

function element(bytes, at) {
  const { id, next } = readId(bytes, at);
  const { size, next: body } = readSize(bytes, next);
  return { id, at, sizeAt: next, size, body };
}

function duration(seconds) {
  const made = new Uint8Array(11);
  made.set([0x44, 0x89, 0x88]);
  new DataView(made.buffer).setFloat64(3, seconds * 1000);
  return made;
}

function sizeOf(length) {
  const made = new Uint8Array(8);
  new DataView(made.buffer).setUint32(4, length);
  made[0] = 1;
  return made;
}

// The beginning of a recording with its length in it; as it came when it is something else.
export async function withLength(blob, seconds) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  try {
    const header = element(bytes, 0);
    const segment = header.id === HEADER && element(bytes, header.body + header.size);
    if (!segment || segment.id !== SEGMENT) return blob;
    let info = element(bytes, segment.body);
    while (info.id !== INFO) info = element(bytes, info.body + info.size);
    const end = info.body + info.size;
    const kept = [];
    for (let at = info.body; at < end; ) {
      const child = element(bytes, at);
      const next = child.body + child.size;
      if (child.id !== DURATION) kept.push(bytes.subarray(at, next));
      at = next;
    }
    const length = kept.reduce((sum, part) => sum + part.length, 11);
    return new Blob([bytes.subarray(0, info.sizeAt), sizeOf(length), ...kept, duration(seconds), bytes.subarray(end)], { type: blob.type });
  } catch {
    return blob;
  }
}
