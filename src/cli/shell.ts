/** A text as one word of a POSIX shell's command line. */
export const quoteWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

/** A text as the last word of a command line, also where it begins as a flag does. */
export const quoteLast = (text: string): string => `${text.startsWith('-') ? '-- ' : ''}${quoteWord(text)}`
