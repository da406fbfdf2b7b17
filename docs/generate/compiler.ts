import { fileURLToPath } from 'node:url'
import { API, type Checker, type Program, type Symbol as Property, type Type } from 'typescript/unstable/sync'

/** The compiler with a project. */
export interface Compiler extends Disposable {
  readonly checker: Checker
  readonly program: Program
  /** The type of a configuration. */
  readonly configInput: Type
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Opens a project in the compiler: of this one the type alone, or that of a user who has the package. */
export const openCompiler = (
  tsconfig = `${root}docs/generate/tsconfig.json`,
  types = `${root}src/config/config-input.ts`,
): Compiler => {
  const api = new API({ cwd: root })
  const project = api.updateSnapshot({ openProjects: [tsconfig] }).getProject(tsconfig)
  const file = project?.program.getSourceFile(types)
  const module = file && project?.checker.getSymbolAtLocation(file)
  const [configInput] = (module && project?.checker.getExportsOfModule(module)) ?? []
  if (project === undefined || configInput === undefined) throw new Error('the project cannot be opened')
  const { checker, program } = project
  return {
    checker,
    program,
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
