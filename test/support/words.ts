/** The words of a text: what stands between blanks and line ends. */
export const words = (text: string): string[] => text.split(/[ \n]+/).filter((word) => word !== '')
