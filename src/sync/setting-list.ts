import { z } from 'zod'
import type { DestinationType } from './destination.ts'

/** A setting of a destination, as people are told of it. */
export interface Setting {
  readonly name: string
  readonly kind: string
  readonly required: boolean
  readonly secret: boolean
  /** As YAML has it. */
  readonly standard: string | undefined
  readonly about: string
}

interface Part {
  readonly type?: unknown
  readonly enum?: readonly unknown[] | undefined
  readonly anyOf?: readonly Part[] | undefined
  readonly default?: unknown
  readonly description?: string | undefined
}

const part: z.ZodType<Part> = z.looseObject({
  type: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(z.lazy(() => part)).optional(),
  default: z.unknown().optional(),
  description: z.string().optional(),
})
const objectSchema = z.looseObject({
  properties: z.record(z.string(), part).default({}),
  required: z.array(z.string()).default([]),
})

/** Settings of a type in the order of its schema; none where the schema is not one of Zod. */
export function settingList({ settings, secrets }: DestinationType): readonly Setting[] {
  if (!('_zod' in settings)) return []
  const read = objectSchema.safeParse(z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' }))
  const { properties = {}, required = [] } = read.data ?? {}
  return Object.entries(properties).map(([name, own]) => ({
    name,
    kind: kindOf(own),
    required: required.includes(name),
    secret: secrets.includes(name),
    standard: own.default === undefined ? undefined : standardOf(own.default),
    about: own.description ?? '',
  }))
}

/** What stands for no setting needs no naming. */
function standardOf(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text === '{}' || text === '' ? undefined : text
}

function kindOf({ type, enum: values, anyOf }: Part): string {
  if (values !== undefined) return values.map(String).join(' | ')
  if (anyOf !== undefined) return anyOf.map(kindOf).join(' | ')
  switch (type) {
    case 'string':
      return 'text'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
      return 'true | false'
    case 'array':
      return 'list'
    default:
      return 'map'
  }
}
