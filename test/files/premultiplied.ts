/** The same AVIF, whose colours are said to be multiplied by alpha. */
export const asPremultiplied = (avif: Buffer): Buffer => {
  const reference = Buffer.from('\0\0\0\x0eprem\0\x01\0\x01\0\x02', 'latin1')
  const file = Buffer.from(avif)
  const [iref, iloc, meta] = ['iref', 'iloc', 'meta'].map((name) => file.indexOf(name)) as [
    number,
    number,
    number,
  ]
  for (const at of [iref, meta]) file.writeUInt32BE(file.readUInt32BE(at - 4) + reference.length, at - 4)
  // Each item: its number, in which file, and where there; then its parts.
  for (let at = iloc + 12; at < iloc - 4 + file.readUInt32BE(iloc - 4); at += 18)
    file.writeUInt32BE(file.readUInt32BE(at + 4) + reference.length, at + 4)
  const end = iref - 4 + avif.readUInt32BE(iref - 4)
  return Buffer.concat([file.subarray(0, end), reference, file.subarray(end)])
}
