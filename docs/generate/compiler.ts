import { fileURLToPath } from 'node:url'
import { API, type Checker, type Symbol as Property, type Type } from 'typescript/unstable/sync'

/** The compiler, with the types of this project. */
export interface Compiler extends Disposable {
  readonly checker: Checker
  /** The type of a configuration. */
  readonly configInput: Type
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Opens this project in the compiler. */
export const openCompiler = (): Compiler => {
  const api = new API({ cwd: root })
  const tsconfig = `${root}tsconfig.build.json`
  const project = api.updateSnapshot({ openProjects: [tsconfig] }).getProject(tsconfig)
  const file = project?.program.getSourceFile(`${root}src/config/config-input.ts`)
  const module = file && project?.checker.getSymbolAtLocation(file)
  const [configInput] = (module && project?.checker.getExportsOfModule(module)) ?? []
  if (project === undefined || configInput === undefined) throw new Error('the project cannot be opened')
  const { checker } = project
  return {
    checker,
    configInput: checker.getDeclaredTypeOfSymbol(configInput),
    [Symbol.dispose]: () => api.close(),
  }
}

/** The comment of a property, as editors show it, in one line. */
export const commentOf = (property: Property, checker: Checker): string =>
  property.getDocumentationComment(checker).replace(/\s+/g, ' ')

/** The objects that a value may be, or may contain as entries. */
export const listObjects = (type: Type, checker: Checker): readonly Type[] => {
  if (type.isUnionType()) return (type.getTypes() ?? []).flatMap((each) => listObjects(each, checker))
  if (!isObject(type)) return []
  const entries = checker
    .getIndexInfosOfType(type)
    .flatMap(({ valueType }) => listObjects(valueType, checker))
  return checker.isArrayLikeType(type) ? entries : [type, ...entries]
}

const isObject = (type: Type): boolean => type.isObjectType() || type.isIntersectionType()
