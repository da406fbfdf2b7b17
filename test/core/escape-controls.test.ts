import { expect, it } from 'vitest'
import { escapeButColours, escapeControls } from '../../src/core/escape-controls.ts'

const ODD = '\u001b[2J\u0007\u009b\u202e\u2028\u007f'
const SPELT = '\\u001b[2J\\u0007\\u009b\\u202e\\u2028\\u007f'

it('what moves a cursor, ends a line or turns a text round is spelt, and other characters stay', () => {
  const plain = 'été\t\n🐈 \\u0041'
  expect(escapeControls(`${plain}${ODD}\u001b[31mred`)).toBe(`${plain}${SPELT}\\u001b[31mred`)
  expect(escapeButColours(`${plain}${ODD}\u001b[31mred\u001b[39m`)).toBe(
    `${plain}${SPELT}\u001b[31mred\u001b[39m`,
  )
})
