import { z } from 'zod'
import { configShape } from '../config/config-schema.ts'
import { isRecord, strict, unite } from '../config/shape.ts'
import { conditionShapes, referenceShape } from './condition-shape.ts'
import { definitionShapes } from './definition-shapes.ts'

/** The JSON Schemas of what users write, by file name under schemas/; editors check and complete with them. */
export function publishedSchemas(): Readonly<Record<string, object>> {
  return {
    'config.schema.json': publish(configShape(unite), 'personas.config.yaml', z.registry<{ id: string }>()),
    'definitions.schema.json': definitionsSchema(),
  }
}

function definitionsSchema(): object {
  const conditions = conditionShapes(unite)
  const { identity, ...lists } = definitionShapes(unite, conditions)
  const shape: Record<string, z.ZodType> = { identity: identity.nullish() }
  const names = z.registry<{ id: string }>()
  names.add(referenceShape, { id: 'reference' })
  names.add(conditions.where, { id: 'property_condition' })
  names.add(conditions.row, { id: 'row_condition' })
  names.add(conditions.related, { id: 'related_rows' })
  names.add(conditions.nested, { id: 'nested_rows' })
  names.add(conditions.condition, { id: 'condition' })
  names.add(conditions.conditions, { id: 'conditions' })
  for (const [key, definition] of Object.entries(lists)) {
    names.add(definition, { id: key === 'entities' ? 'entity' : key.replace(/s$/, '') })
    shape[key] = z.array(definition).nullish()
  }
  return publish(strict(shape), 'Definitions of a personas project', names)
}

/** Draft 7 is what the editors' YAML language server knows best. */
function publish(shape: z.ZodType, title: string, names: z.core.$ZodRegistry<{ id: string }>): object {
  const schema: unknown = z.toJSONSchema(shape, { target: 'draft-7', io: 'input', metadata: names })
  const published = allowExpressions(schema)
  if (!isRecord(published)) throw new Error('a JSON Schema is an object')
  const { $schema, definitions, ...rest } = published
  const expression = {
    description: "{{ env_var 'NAME' }} or {{ var 'name' }}",
    type: 'string',
    pattern: '\\{\\{',
  }
  return {
    $schema,
    title,
    ...rest,
    definitions: { expression, ...(isRecord(definitions) ? definitions : {}) },
  }
}

const expressionRef = { $ref: '#/definitions/expression' }

/** An expression may stand where a number, a list or a text of a certain form is wanted. */
function allowExpressions(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(allowExpressions)
  if (!isRecord(schema)) return schema
  const copy = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, allowExpressions(value)]),
  )
  const { type } = schema
  const restricted =
    type === 'number' ||
    type === 'integer' ||
    type === 'boolean' ||
    type === 'array' ||
    Array.isArray(schema.enum) ||
    (type === 'string' && typeof schema.pattern === 'string')
  return restricted && !('const' in schema) ? { anyOf: [copy, expressionRef] } : copy
}
