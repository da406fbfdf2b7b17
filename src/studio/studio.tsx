import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Setup } from '../app/studio/protocol.ts'
import { formatNumber } from './format-text.ts'
import { PicturePage } from './picture.tsx'
import { PicturesPage } from './pictures.tsx'
import { type Route, readRoute, toHash } from './route.ts'
import { NO_FILTER } from './sources.ts'
import { TextsPage } from './texts.tsx'
import { TotalsPage } from './totals.tsx'
import { useAnswer } from './use-answer.ts'
import { useSources } from './use-sources.ts'

/** The page: a bar, and what its address names. */
const App = () => {
  const route = useRoute()
  const { answer: setup, problem } = useAnswer<Setup>('setup')
  const inventory = useSources()
  const [filter, setFilter] = useState(NO_FILTER)
  if (problem !== undefined)
    return (
      <main class="refused">
        <h1>imgsizes studio</h1>
        <p role="alert">{problem}</p>
      </main>
    )
  if (setup === undefined) return <p class="wait">Opening …</p>
  const { sources } = inventory
  const problems = sources.end?.problem
  const tab = route.kind === 'picture' ? 'pictures' : route.kind
  return (
    <>
      <button type="button" class="skip" onClick={skipToContent}>
        Skip to content
      </button>
      <header class="bar">
        <a class="brand" href={toHash({ kind: 'pictures' })}>
          imgsizes <b>studio</b>
        </a>
        <nav aria-label="Views">
          {TABS.map(([kind, words]) => (
            <a key={kind} href={toHash({ kind })} aria-current={kind === tab ? 'page' : undefined}>
              {words}
            </a>
          ))}
        </nav>
        <p class="read" role="status">
          {sources.end === undefined ? `reading, ${formatNumber(sources.names.length)} so far` : ''}
        </p>
        <button type="button" class="quiet" onClick={inventory.refresh}>
          Read again
        </button>
      </header>
      {problems !== undefined && (
        <p class="alarm" role="alert">
          {problems}
        </p>
      )}
      <main id="content" tabIndex={-1}>
        {route.kind === 'pictures' && (
          <PicturesPage setup={setup} inventory={inventory} filter={filter} setFilter={setFilter} />
        )}
        {route.kind === 'picture' && (
          <PicturePage
            key={route.source}
            source={route.source}
            setup={setup}
            inventory={inventory}
            filter={filter}
          />
        )}
        {route.kind === 'texts' && <TextsPage setup={setup} inventory={inventory} />}
        {route.kind === 'totals' && <TotalsPage setup={setup} inventory={inventory} />}
      </main>
    </>
  )
}

const TABS = [
  ['pictures', 'Pictures'],
  ['texts', 'Alt texts'],
  ['totals', 'Totals'],
] as const

const skipToContent = (): void => {
  document.getElementById('content')?.focus()
}

const useRoute = (): Route => {
  const [route, setRoute] = useState(() => readRoute(location.hash))
  useEffect(() => {
    const listen = (): void => setRoute(readRoute(location.hash))
    addEventListener('hashchange', listen)
    return () => removeEventListener('hashchange', listen)
  }, [])
  return route
}

render(<App />, document.body)
