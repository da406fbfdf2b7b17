const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/**
 * Every way to get one character of a signature in base64url wrong: each of them replaced by each other one, left out,
 * or written twice; and one more or fewer at either end. A check that leaves out a character, or a bit of it, accepts
 * one of these.
 */
export const alterSignature = (signature: string): readonly string[] => {
  const altered = [...signature].flatMap((own, at) => {
    const before = signature.slice(0, at)
    const after = signature.slice(at + 1)
    const others = [...ALPHABET].filter((char) => char !== own)
    return [...others.map((char) => before + char + after), before + after, before + own + own + after]
  })
  return [...new Set([...altered, `A${signature}`, `${signature}A`, `${signature}=`, ''])]
}
