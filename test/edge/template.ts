import { createRequire } from 'node:module'

/** A template for CloudFormation. */
export interface Template {
  readonly Resources: Readonly<Record<string, { readonly Properties: Record<string, unknown> }>>
  readonly Outputs: Readonly<Record<string, unknown>>
}

/** YAML with CloudFormation's short forms, as plain values. */
export const readTemplate = (text: string): Template => {
  const yaml = createRequire(import.meta.url)('js-yaml')
  const types = ['Sub', 'Ref', 'GetAtt'].map(
    (name) =>
      new yaml.Type(`!${name}`, { kind: 'scalar', construct: (value: string) => ({ [name]: value }) }),
  )
  return yaml.load(text, { schema: yaml.DEFAULT_SCHEMA.extend(types) }) as Template
}
