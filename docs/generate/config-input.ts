import { type Checker, NodeBuilderFlags, SymbolFlags, type Type } from 'typescript/unstable/sync'
import { type Compiler, commentOf, listObjects } from './compiler.ts'

/** The published type of a configuration: written out, with comments, which the compiler leaves out of its own. */
export const formatConfigInput = ({ configInput, checker }: Compiler): string =>
  `/** What \`defineConfig\` takes and \`imgsizes.config\` exports. */\nexport interface ConfigInput ${formatType(configInput, checker)}\n`

const formatType = (type: Type, checker: Checker): string => {
  if (listObjects(type, checker).length === 0)
    return checker.typeToString(type, undefined, NodeBuilderFlags.NoTruncation)
  if (type.isUnionType()) return (type.getTypes() ?? []).map((each) => formatType(each, checker)).join(' | ')
  const [entry] = checker.getIndexInfosOfType(type).map(({ valueType }) => formatType(valueType, checker))
  if (checker.isArrayLikeType(type)) return `readonly (${entry})[]`
  if (entry !== undefined) return `{ readonly [name: string]: ${entry} }`
  const properties = checker.getPropertiesOfType(type).map((property) => {
    const optional = property.flags & SymbolFlags.Optional ? '?' : ''
    const inner = checker.getTypeOfSymbol(property)
    return `/** ${commentOf(property, checker)} */\nreadonly ${property.name}${optional}: ${inner && formatType(inner, checker)}\n`
  })
  return `{\n${properties.join('')}}`
}
