/** An EXIF block that says nothing but the orientation, 1 to 8; as a LONG, where it should be a SHORT, with `long`, or twice. */
export const makeExif = (orientation: number, type: 'short' | 'long' | 'twice' = 'short'): Buffer => {
  const block = Buffer.from('49492a0008000000010012010000010000000000000000000000', 'hex')
  block.writeUInt16LE(type === 'long' ? 4 : 3, 12)
  block.writeUInt32LE(type === 'twice' ? 2 : 1, 14)
  block.writeUInt32LE(orientation, 18)
  return block
}

/** XMP that says nothing but the orientation. */
export const makeXmp = (orientation: number): Buffer =>
  Buffer.from(
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
      `<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="${orientation}"/>` +
      '</rdf:RDF></x:xmpmeta>',
  )
