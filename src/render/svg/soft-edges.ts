import { changeStyled } from './styled.ts'

/**
 * For a drawing that becomes smaller than it says: with soft edges where it asks for crisp ones, and has lines. Browsers draw
 * a line that is thinner than a pixel in any case; librsvg draws a crisp one only where it covers the middle of a pixel.
 */
export const softenEdges = (drawing: Uint8Array): Uint8Array => {
  const file = Buffer.from(drawing.buffer, drawing.byteOffset, drawing.byteLength)
  if (!file.includes('shape-rendering') || !file.includes('stroke')) return drawing
  return Buffer.from(changeStyled(file.toString(), (styled) => styled.replaceAll(CRISP, '')))
}

const CRISP = /(?<=shape-rendering\s{0,9}(?::|=")\s{0,9})(?:crispEdges|optimizeSpeed)/gi
