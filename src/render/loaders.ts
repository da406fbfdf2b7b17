import { sharp } from './sharp.ts'

/**
 * Loaders of anything but the formats we sniff are blocked, for the whole process, as a second wall behind
 * `sniffMedia`. A host that mounts the origin and reads other formats with its own sharp has to unblock them.
 *
 * Done as this module is loaded and never again, by no thread of ours: between the two calls nothing at all can be
 * read, and when each new worker made them, one of ten thousand pictures that another was just opening came out as
 * damaged.
 */
const LOADERS = ['Jpeg', 'Uhdr', 'Png', 'Webp', 'Heif', 'Nsgif', 'Tiff', 'Svg']

sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({ operation: LOADERS.map((name) => `VipsForeignLoad${name}`) })
