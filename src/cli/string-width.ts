import { stripVTControlCharacters } from 'node:util'

/**
 * The width of a text in columns, for the help of yargs. In the bundle it replaces the package `string-width`, whose
 * tables of emoji cost 20 ms at each start. Our help has no emoji and no characters of double width.
 */
const stringWidth = (text: string): number => [...stripVTControlCharacters(text)].length

export default stringWidth
