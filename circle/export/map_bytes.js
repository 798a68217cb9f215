// Bytes of gap_map.html out of its text: five signs for four bytes (text85.py), and out of their deflated form.

function circleBytes(text) {
  const digit = new Uint8Array(128);
  for (let code = 0x21, next = 0; code < 0x7f; code++) if (!"\"&'<>\\()`".includes(String.fromCharCode(code))) digit[code] = next++;
  const groups = Math.ceil(text.length / 5), bytes = new Uint8Array(4 * groups);
  for (let group = 0, k = 0; group < groups; group++) {
    let value = 0;
    for (let j = 0; j < 5; j++, k++) value = value * 85 + (k < text.length ? digit[text.charCodeAt(k)] : 84);
    bytes[4 * group] = value >>> 24;
    bytes[4 * group + 1] = value >>> 16;
    bytes[4 * group + 2] = value >>> 8;
    bytes[4 * group + 3] = value;
  }
  return bytes.subarray(0, Math.floor((text.length * 4) / 5));
}

async function circleInflated(text) {
  const stream = new Blob([circleBytes(text)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}
