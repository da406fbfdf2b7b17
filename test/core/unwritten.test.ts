import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { unwritten } from '../../src/core/error-code.ts'

it.each([
  ['/no/such/folder/x.html', 'ENOENT', 'Its folder does not exist: make it, or name another file.'],
  ['/', 'EISDIR', 'It is a folder: name a file.'],
  [`${import.meta.filename}/x.html`, 'ENOTDIR', 'A part of its path is a file, not a folder.'],
])('says of %s why it cannot be written, and what to do', (path, code, hint) => {
  try {
    writeFileSync(path, '')
    expect.unreachable()
  } catch (cause) {
    expect(unwritten(path, cause)).toMatchObject({ message: `${path} cannot be written (${code})`, hint })
  }
})

it('says nothing more of what it does not know', () => {
  expect(unwritten('x', 'why').message).toBe('x cannot be written (why)')
  expect(unwritten('x', 'why').hint).toBeUndefined()
})
