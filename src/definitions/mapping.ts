import type { Span } from '../diagnostics/span.ts'

/** Something a sync reads of a profile or row, and where that is written. */
export type SyncInput = InputKind & { readonly span?: Span }

type InputKind =
  /** The profile's own id: `canonical_segment_id`, or `account_id`. */
  | { readonly kind: 'id' }
  /** The value first or last added, or all of them as a list in code point order. */
  | { readonly kind: 'identifier'; readonly type: string; readonly pick: 'first' | 'last' | 'all' }
  | { readonly kind: 'trait'; readonly name: string }
  /** Whether the profile is a member. */
  | { readonly kind: 'audience'; readonly name: string }
  /** Of a table or model. */
  | { readonly kind: 'column'; readonly name: string }

export type ConstantValue = string | number | boolean | null

/** Written together, each pair is replaced in what the one before has left. */
export interface Replacement {
  readonly search: string
  readonly with: string
  readonly ignoreCase: boolean
  /** Only the first occurrence. */
  readonly once: boolean
}

/** How a field of what is sent comes about. */
export type MappingValue =
  | { readonly kind: 'constant'; readonly value: ConstantValue }
  | { readonly kind: 'input'; readonly input: SyncInput }
  | { readonly kind: 'object'; readonly members: Readonly<Record<string, MappingValue>> }
  | { readonly kind: 'list'; readonly items: readonly MappingValue[] }
  /** Texts and inputs one after the other; an input without a value is the empty text. */
  | { readonly kind: 'template'; readonly parts: readonly (string | SyncInput)[] }
  /** The first that is there and not null. */
  | { readonly kind: 'coalesce'; readonly of: readonly MappingValue[] }
  | { readonly kind: 'lower' | 'upper'; readonly of: MappingValue }
  /** Any value as JSON text, and back. */
  | { readonly kind: 'encode' | 'decode'; readonly of: MappingValue }
  /** Nested objects as members of one, their names joined. */
  | { readonly kind: 'flatten'; readonly separator: string; readonly of: MappingValue }
  | { readonly kind: 'replace'; readonly replacements: readonly Replacement[]; readonly of: MappingValue }
  /** SHA-256 in hexadecimal of the normalised value; what is such a hash already stays. */
  | { readonly kind: 'hash'; readonly as: 'email' | 'phone' | 'text'; readonly of: MappingValue }

/** Every input a value reads, each once. */
export function inputsOf(value: MappingValue): readonly SyncInput[] {
  const found = new Map<string, SyncInput>()
  const add = (input: SyncInput): void => {
    found.set(inputKey(input), input)
  }
  const visit = (each: MappingValue): void => {
    switch (each.kind) {
      case 'constant':
        return
      case 'input':
        add(each.input)
        return
      case 'object':
        Object.values(each.members).forEach(visit)
        return
      case 'list':
        each.items.forEach(visit)
        return
      case 'template':
        for (const part of each.parts) if (typeof part !== 'string') add(part)
        return
      case 'coalesce':
        each.of.forEach(visit)
        return
      case 'lower':
      case 'upper':
      case 'encode':
      case 'decode':
      case 'flatten':
      case 'replace':
      case 'hash':
        visit(each.of)
    }
  }
  visit(value)
  return [...found.values()]
}

/** The same value with all identifiers of a type where it has the first or last. */
export function withAllIdentifiers(value: MappingValue): MappingValue {
  switch (value.kind) {
    case 'constant':
    case 'template':
      return value
    case 'input': {
      const { input } = value
      return input.kind === 'identifier' ? { kind: 'input', input: { ...input, pick: 'all' } } : value
    }
    case 'object':
      return {
        kind: 'object',
        members: Object.fromEntries(
          Object.entries(value.members).map(([name, member]) => [name, withAllIdentifiers(member)]),
        ),
      }
    case 'list':
      return { kind: 'list', items: value.items.map(withAllIdentifiers) }
    case 'coalesce':
      return { kind: 'coalesce', of: value.of.map(withAllIdentifiers) }
    case 'lower':
    case 'upper':
    case 'encode':
    case 'decode':
    case 'flatten':
    case 'replace':
    case 'hash':
      return { ...value, of: withAllIdentifiers(value.of) }
  }
}

/** Equal for equal inputs. */
export function inputKey(input: SyncInput): string {
  switch (input.kind) {
    case 'id':
      return 'id'
    case 'identifier':
      return `identifier ${input.pick} ${input.type}`
    case 'trait':
    case 'audience':
    case 'column':
      return `${input.kind} ${input.name}`
  }
}
