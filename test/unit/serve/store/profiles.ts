import type {
  Answer,
  Identifier,
  Part,
  ProfileDocument,
  PublishRequest,
  ReadQuery,
} from '../../../../src/serve/store/store.ts'

export function email(value: string): Identifier {
  return { type: 'email', value }
}

export function profile(
  id: string,
  identifiers: readonly Identifier[],
  parts: ProfileDocument['parts'] = { traits: `"of"\ttrait\t"${id}"` },
  formerIds: readonly string[] = [],
): ProfileDocument {
  return { id, formerIds, identifiers, parts }
}

export function request(full: boolean, runId = 'run'): PublishRequest {
  return {
    full,
    release: {
      runId,
      asOf: '2026-01-31T10:00:00.000000Z',
      definitions: 'abc',
      publishedAt: '2026-01-31T10:05:00.000000Z',
    },
  }
}

export function traitsBy(by: ReadQuery['by'], collection: ReadQuery['collection'] = 'users'): ReadQuery {
  return { collection, by, parts: ['traits'] }
}

export function part(answer: Answer, name: Part): string | undefined {
  return answer.profile?.parts[name]
}
