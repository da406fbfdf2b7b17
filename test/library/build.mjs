import { openImgsizes } from 'imgsizes/build'

const imgsizes = await openImgsizes({
  onEvent: (event) => {
    if (event.kind === 'source-failed') console.error(`${event.source}: ${event.problem.message}`)
  },
})

const { rendered, failed } = await imgsizes.build({ only: 'cards/**' })
console.log(`${rendered} results made, ${failed} sources failed`)
process.exitCode = failed > 0 ? 1 : 0
