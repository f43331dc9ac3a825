import type { EventLayout } from '../../compiler/serving/event-layouts.ts'
import { readRowText } from '../../ir/row-text.ts'
import { type JsonValue, valueOfText } from '../../ir/value-text.ts'

type Members = Record<string, unknown>

/** Properties and context of an event, from the row of its table. */
export function eventValues(
  layout: EventLayout | undefined,
  fields: string | null,
): { readonly properties: Members; readonly context: Members } {
  const properties: Members = {}
  const context: Members = {}
  const texts = readRowText(fields)
  for (const [index, { kind, name, type }] of (layout?.fields ?? []).entries()) {
    const value = valueOfText(texts[index], type)
    if (value === null) continue
    switch (kind) {
      case 'property':
        set(properties, name, listOf(value))
        break
      case 'json':
        Object.assign(properties, objectOf(value))
        break
      case 'context':
        setContext(context, name, value)
        break
    }
  }
  return { properties, context }
}

/** Parts of a call's context that are objects: `page_url` was `page.url`. What people allowed is never told. */
const objects: ReadonlySet<string> = new Set(
  'app campaign device library network os page referrer screen traits location'.split(' '),
)

function setContext(context: Members, name: string, value: JsonValue): void {
  const [first = '', ...rest] = name.split('_')
  if (first === 'consent') return
  if (rest.length === 0 || !objects.has(first)) {
    set(context, name, value)
    return
  }
  const inner: unknown = Object.hasOwn(context, first) ? context[first] : undefined
  const members: Members = isMembers(inner) ? inner : {}
  set(members, rest.join('_'), value)
  set(context, first, members)
}

/** Lists are stored as their text. */
function listOf(value: JsonValue): JsonValue {
  if (typeof value !== 'string' || !value.startsWith('[') || !value.endsWith(']')) return value
  try {
    const parsed: unknown = JSON.parse(value)
    return isJsonList(parsed) ? parsed : value
  } catch {
    return value
  }
}

function isJsonList(value: unknown): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function objectOf(value: JsonValue): Members {
  if (typeof value !== 'string') return {}
  try {
    const parsed: unknown = JSON.parse(value)
    return isMembers(parsed) ? parsed : {}
  } catch {
    // A column that holds something else has no properties.
    return {}
  }
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `__proto__` is a name like others. */
function set(members: Members, name: string, value: unknown): void {
  Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true })
}
