/**
 * Feeds every reader of foreign bytes with what is nearly right, and says how many inputs each was fed with.
 *
 *     npm run fuzz -- [part of a target's name] [--seconds 60] [--seed n]
 *
 * Of each target for so many seconds. A find is printed with its input, as small as it could be made, and with the
 * seed that finds it again; the exit code is then 1.
 */
import { parseArgs } from 'node:util'
import { fuzzTarget } from './fuzz-target.ts'
import { GROUPS } from './targets.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } },
})
const seconds = Number(values.seconds)
const seed = values.seed === undefined ? undefined : Number(values.seed)
const wanted = positionals.join(' ').toLowerCase()
const targets = GROUPS.flatMap(([, each]) => each).filter(({ name }) => name.toLowerCase().includes(wanted))
if (targets.length === 0 || !(seconds > 0) || Number.isNaN(seed)) {
  console.error('Usage: npm run fuzz -- [part of a name] [--seconds n] [--seed n]. Targets:')
  for (const [, each] of GROUPS) for (const { name } of each) console.error(`  ${name}`)
  process.exit(2)
}

let finds = 0
for (const target of targets) {
  const extent = { seconds, ...(seed !== undefined && { seed }) }
  const { executions, find } = await fuzzTarget(target, extent).catch((error: unknown) => ({
    executions: 0,
    find: `A seed as it is: ${error instanceof Error ? error.stack : String(error)}`,
  }))
  console.log(`${String(executions).padStart(9)}  ${target.name}${find === undefined ? '' : '  FIND'}`)
  if (find !== undefined) {
    finds++
    console.log(find)
  }
}
console.log(`${targets.length} targets, ${finds} finds`)
process.exit(finds > 0 ? 1 : 0)
