/** A tag from behind its "<"; values are in quotes, and may contain ">". */
const TAG = `[^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"']*)*>`
const SHEET = `<(?:[\\w-]+:)?style\\b${TAG}(?<!/>)[^<]*`
const SHEETS = new RegExp(SHEET, 'g')
const STYLED = new RegExp(`${SHEET}|<${TAG}`, 'g')

/** The style sheets of a cleaned drawing, each with its tag. */
export const listSheets = (drawing: string): readonly string[] => drawing.match(SHEETS) ?? []

/** The drawing with other style sheets. */
export const changeSheets = (drawing: string, change: (sheet: string) => string): string =>
  drawing.replaceAll(SHEETS, change)

/** Where a cleaned drawing has its styles: its tags and style sheets. All else is text, and shows what it says. */
export const listStyled = (drawing: string): readonly string[] => drawing.match(STYLED) ?? []

/** The drawing with other styles. */
export const changeStyled = (drawing: string, change: (styled: string, at: number) => string): string =>
  drawing.replaceAll(STYLED, change)
