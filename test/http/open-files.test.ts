import { describe, expect, it } from 'vitest'
import { maxConnections, readOpenFilesLimit } from '../../src/http/open-files.ts'

describe('the limit of open files', () => {
  it('is read of this process', () => {
    expect(readOpenFilesLimit()).toBeGreaterThan(255)
  })

  it('leaves every connection a file, and the rest of the program what it needs', () => {
    expect(maxConnections(1024, 2)).toBe(440)
    expect(maxConnections(1024, 64)).toBe(192)
    expect(maxConnections(1_048_576, 2)).toBe(524_216)
    expect(maxConnections(Number.POSITIVE_INFINITY, 2)).toBe(Number.POSITIVE_INFINITY)
    expect(maxConnections(64, 8)).toBe(16)
  })
})
