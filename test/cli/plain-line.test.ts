import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Options } from 'yargs'
import type { Command } from '../../src/cli/command.ts'
import { COMMANDS, commandNameOf } from '../../src/cli/commands.ts'
import { COMMON_OPTIONS } from '../../src/cli/common-flags.ts'
import type { Flags } from '../../src/cli/flags.ts'
import { readPlainLine } from '../../src/cli/plain-line.ts'
import { parseByYargs } from '../../src/cli/yargs-line.ts'

const HELP = { programVersion: '1.2.3', width: 80 }

const commands = await Promise.all(
  COMMANDS.map(async (listed) => ({ name: commandNameOf(listed), command: await listed.load() })),
)

const listFlags = ({ flags }: Command): [string, Options][] => Object.entries({ ...COMMON_OPTIONS, ...flags })

/** All that a command can read of its flags. */
const readAll = (command: Command, flags: Flags) => {
  const [argument = [], others] = [command.argument?.[0] ?? [], listFlags(command)]
  const lists = others.filter(([, { array }]) => array === true).map(([name]) => name)
  return [
    [...lists, argument].flat().map((name) => flags.argumentList(name)),
    others.map(([name, { type }]) => (type === 'boolean' ? flags.isSet(name) : readText(flags, name))),
  ]
}

const readText = (flags: Flags, name: string): unknown => {
  try {
    return flags.text(name)
  } catch {
    return 'refused'
  }
}

const value = fc.oneof(
  fc.constantFrom(
    'a',
    '-',
    '7',
    '007',
    '1e3',
    'x=y',
    '*.jpg',
    '',
    '"a"',
    "it's",
    '\u200b',
    'true',
    '--',
    '-1',
    '{}',
  ),
  fc.string({ maxLength: 4 }),
)

const lineOf = ({ name, command }: (typeof commands)[number]): fc.Arbitrary<readonly string[]> => {
  const flag = fc
    .tuple(fc.constantFrom(...listFlags(command)), value, fc.boolean())
    .map(([[own, { type }], given, isJoined]) => {
      if (type === 'boolean') return [`--${own}`]
      return isJoined ? [`--${own}=${given}`] : [`--${own}`, given]
    })
  const rare = fc.constantFrom(
    ['-y'],
    ['--help'],
    ['--json=true'],
    ['--json=1'],
    ['--retryFailed'],
    ['--frob'],
    ['--'],
  )
  const word = value.map((each) => [each])
  const parts = fc.array(
    fc.oneof({ weight: 8, arbitrary: flag }, { weight: 3, arbitrary: word }, { weight: 1, arbitrary: rare }),
    { maxLength: 4 },
  )
  return parts.map((each) => [name, ...each.flat()])
}

test('what is read without yargs is what yargs would read', async () => {
  let plain = 0
  await fc.assert(
    fc.asyncProperty(fc.oneof(...commands.map(lineOf)), async (line) => {
      const read = await readPlainLine(line)
      if (read === undefined) return
      plain++
      const parsed = await parseByYargs(line, HELP)
      if (parsed.kind !== 'command') throw new Error(`yargs answered ${JSON.stringify(line)} with help`)
      expect(parsed.command).toBe(read.command)
      expect(readAll(read.command, read.flags)).toEqual(readAll(parsed.command, parsed.flags))
    }),
    { numRuns: 300 },
  )
  expect(plain).toBeGreaterThan(50)
})

test.each([
  ['build'],
  ['build', '--config', 'a.json', '--json', '--quiet', '--concurrency=2'],
  ['url', 'cat.jpg', '--format', 'webp'],
  ['purge', 'a.jpg', 'b.jpg', '--yes'],
  ['html', 'dist', '--origin', '/a/', '--origin', 'b=/c/'],
  ['warm', '-'],
  ['migrate'],
])('yargs is not needed for %j %j %j %j', async (...line) => {
  expect((await readPlainLine(line))?.command).toBe(commands.find(({ name }) => name === line[0])?.command)
})

test.each([
  [],
  ['--json', 'build'],
  ['build', 'extra'],
  ['build', '--help'],
  ['build', '--memory', '1GB', '--memory', '2GB'],
  ['build', '--memory='],
  ['build', '--json=true'],
  ['build', '--frob'],
  ['purge'],
  ['url', 'a.jpg', 'b.jpg'],
])('yargs reads %j %j %j', async (...line) => {
  expect(await readPlainLine(line)).toBeUndefined()
})
