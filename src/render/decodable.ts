import type { MediaFormat } from './sniff.ts'
import { unsignTiff } from './tiff-samples.ts'

/** The same picture as libvips reads it: of most formats, the bytes themselves. */
export const toDecodable = async (bytes: Uint8Array, mediaFormat: MediaFormat): Promise<Uint8Array> => {
  switch (mediaFormat) {
    case 'tiff':
      return unsignTiff(bytes) ?? bytes
    default:
      return bytes
  }
}
