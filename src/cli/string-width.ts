import { stripVTControlCharacters } from 'node:util'

/**
 * Columns of a text, for yargs to lay out help by: takes the place of its package `string-width` in the bundle, whose tables
 * of emoji cost each start 20 ms. Our help has none, and no characters of double width.
 */
const stringWidth = (text: string): number => [...stripVTControlCharacters(text)].length

export default stringWidth
