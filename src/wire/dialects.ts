import { createForeign, type ResolveForeign } from '../app/origin/foreign.ts'
import {
  type Config,
  type DialectConfig,
  describePlace,
  keyPrefixOf,
  type SourceConfig,
} from '../config/config.ts'
import { compileMatch } from '../config/match.ts'
import { unreachable } from '../core/unreachable.ts'
import { createExpectation } from '../plan/expected.ts'
import type { Dialect } from '../url/dialect.ts'
import { createImgproxyDialect } from '../url/imgproxy.ts'
import { createNginxDialect } from '../url/nginx.ts'
import type { SourceRoot } from '../url/source-roots.ts'
import type { Project } from './project.ts'

/** The foreign URLs of a project, and the keys they mean. */
export const openForeign = ({ config, keyring }: Pick<Project, 'config' | 'keyring'>): ResolveForeign =>
  createForeign({
    dialects: openDialects(config),
    keyring,
    expectation: createExpectation({ ...config, vectors: 'draw', versions: false, toMatcher: compileMatch }),
  })

/** The dialects of a configuration, the longest prefix first, because that of imgproxy is often "/". */
export const openDialects = (config: Config): readonly Dialect[] =>
  [...config.dialects]
    .sort((a, b) => b.prefix.length - a.prefix.length)
    .map((dialect) => openDialect(dialect, config))

const openDialect = (dialect: DialectConfig, { sources, watermark }: Config): Dialect => {
  switch (dialect.type) {
    case 'nginx': {
      const { sourceName } = dialect
      return createNginxDialect({
        ...dialect,
        sourcePrefix: sourceName === undefined ? '' : `${sourceName}/`,
      })
    }
    case 'imgproxy': {
      const reached = sources.filter(
        ({ name }) => dialect.sourceName === undefined || dialect.sourceName === name,
      )
      return createImgproxyDialect({
        ...dialect,
        keys: dialect.keys.map(({ key, salt }) => ({
          key: Buffer.from(key, 'hex'),
          salt: Buffer.from(salt, 'hex'),
        })),
        roots: reached.map(toRoot),
        ...(watermark && { watermark }),
      })
    }
    default:
      return unreachable(dialect)
  }
}

/** A folder takes the place of imgproxy's IMGPROXY_LOCAL_FILESYSTEM_ROOT. */
const toRoot = (source: SourceConfig): SourceRoot => {
  const { folder, uri } = describePlace(source.place)
  return { uri: folder === undefined ? uri : 'local:///', keyPrefix: keyPrefixOf(source) }
}
