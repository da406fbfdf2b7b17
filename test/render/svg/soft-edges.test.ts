import { expect, it } from 'vitest'
import { softenEdges } from '../../../src/render/svg/soft-edges.ts'
import { expectCpuWithin } from '../../support/cpu.ts'

const soften = (markup: string): string => Buffer.from(softenEdges(Buffer.from(markup))).toString()

it.each([
  ['<g stroke="red" shape-rendering="crispEdges"/>', '<g stroke="red" shape-rendering=""/>'],
  ['<g style="stroke:red;shape-rendering : optimizeSpeed"/>', '<g style="stroke:red;shape-rendering : "/>'],
  [
    '<style>a{stroke:red;shape-rendering:CrispEdges}</style>',
    '<style>a{stroke:red;shape-rendering:}</style>',
  ],
  ['<g stroke="red" shape-rendering="auto"/><text>crispEdges</text>', undefined],
  ['<text stroke="red">shape-rendering:crispEdges</text>', undefined],
  ['<g stroke="red" class="crispEdges" text-rendering="optimizeSpeed"/>', undefined],
  ['<g shape-rendering="crispEdges"/>', undefined],
])('a drawing that becomes smaller: %s', (given, soft = given) => {
  expect(soften(given)).toBe(soft)
})

it.each([' ', 'shape-rendering:', 'crispEdges', 'shape-rendering="', '<a shape-rendering="crispEdges"/>'])(
  'one of many "%s" takes a time that grows with its length',
  async (part) => {
    const many = part.repeat(200_000 / part.length)
    for (const text of [many, `<g stroke="red" style="shape-rendering${many.replaceAll('"', '')}"/>`])
      await expectCpuWithin(2, () => void soften(`stroke shape-rendering${text}`))
  },
)
