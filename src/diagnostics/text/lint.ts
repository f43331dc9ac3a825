import type { ProblemParts } from './problem-parts.ts'

/** A condition as it is written, and where: `trait: plan` of `models/a.yml:4:11`. */
export interface NamedPart {
  readonly label: string
  readonly place: string
}

/** What comes of it: nobody or everybody is in the audience, or a part of the definition, `within`, never or always holds. */
export type Outcome = 'empty' | 'everyone' | 'never' | 'always'

function consequence(of: string, outcome: Outcome): string {
  switch (outcome) {
    case 'empty':
      return `${of} is always empty`
    case 'everyone':
      return `${of} always holds everyone`
    case 'never':
      return `this part of ${of} never holds`
    case 'always':
      return `this part of ${of} always holds`
  }
}

function named(parts: readonly NamedPart[]): string {
  return parts.map(({ label, place }) => `\`${label}\` (${place})`).join(', ')
}

const silence = (code: string): string => `; if it is meant so: \`ignore_warnings: [${code}]\``

/** PSN33xx: what definitions mean; only what is certain. `of` is the definition: "audience `x`". */
export const lintText = {
  PSN3301: (p: { of: string; part: string }): ProblemParts => ({
    severity: 'warning',
    message: `${p.of} is always empty: \`${p.part}\` can never hold`,
    hint: `change what it asks for${silence('PSN3301')}`,
  }),
  PSN3302: (p: {
    of: string
    part: string
    others: readonly NamedPart[]
    outcome: Outcome
    within?: NamedPart
  }): ProblemParts => ({
    severity: 'warning',
    message: `${consequence(p.of, p.outcome)}: \`${p.part}\` contradicts ${named(p.others)}`,
    hint: `only one of them can hold: change it, or join them by \`any\`${silence('PSN3302')}`,
  }),
  PSN3303: (p: { of: string; part: string; others: readonly NamedPart[] }): ProblemParts => ({
    severity: 'warning',
    message: `${consequence(p.of, 'everyone')}: ${
      p.others.length === 0 ? `\`${p.part}\` leaves` : `\`${p.part}\` and ${named(p.others)} together leave`
    } nobody out`,
    hint: `change what it asks for${silence('PSN3303')}`,
  }),
  PSN3304: (p: {
    of: string
    part: string
    why: 'always' | 'never' | 'implied' | 'covered' | 'together'
    by?: NamedPart
  }): ProblemParts => {
    const by = p.by === undefined ? 'the others' : named([p.by])
    const reasons = {
      always: 'it always holds',
      never: 'it never holds',
      implied: `it follows from ${by}`,
      covered: `${by} covers it`,
      together: 'the others already say it',
    }
    return {
      severity: 'warning',
      message: `\`${p.part}\` changes nothing in ${p.of}: ${reasons[p.why]}`,
      hint: `remove it, or change what it asks for${silence('PSN3304')}`,
    }
  },
  PSN3305: (p: {
    of: string
    part: string
    other: NamedPart
    audience?: string
    outcome: Outcome
    within?: NamedPart
  }): ProblemParts => ({
    severity: 'warning',
    message: `${consequence(p.of, p.outcome)}: ${
      p.audience === undefined
        ? `\`${p.part}\` is the opposite of ${named([p.other])}`
        : `it leaves out audience \`${p.audience}\`, in which ${named([p.other])} already puts everyone`
    }`,
    hint: `remove one of the two${silence('PSN3305')}`,
  }),
  PSN3306: (p: { audience: string; others: readonly string[] }): ProblemParts => ({
    severity: 'warning',
    message: `every member of audience \`${p.audience}\` is always one of ${p.others
      .map((other) => `audience \`${other}\``)
      .join(' and of ')}`,
    hint: `build it on that one with \`audience: ${p.others[0]}\`, which says so${silence('PSN3306')}`,
  }),
  PSN3307: (p: { audience: string; other: string; place: string }): ProblemParts => ({
    severity: 'warning',
    message: `audience \`${p.audience}\` always has the members of audience \`${p.other}\` (${p.place})`,
    hint: `keep one of the two${silence('PSN3307')}`,
  }),
  PSN3308: (p: { trait: string; part: string; others: readonly NamedPart[] }): ProblemParts => ({
    severity: 'warning',
    message: `no event can count for trait \`${p.trait}\`: \`${p.part}\` ${
      p.others.length === 0 ? 'can never hold' : `contradicts ${named(p.others)}`
    }`,
    hint: `change what it asks for${silence('PSN3308')}`,
  }),
  PSN3309: (p: { trait: string }): ProblemParts => ({
    severity: 'warning',
    message: `formula trait \`${p.trait}\` divides by 0, which leaves no value`,
    hint: `divide by something else${silence('PSN3309')}`,
  }),
  /** Found by a run. */
  PSN3310: (p: { of: string; from: string; first: string }): ProblemParts => ({
    severity: 'warning',
    message: `${p.of} looks back to ${p.from}, but the first event of all sources is of ${p.first}`,
    hint: `until enough has been collected it sees less than it asks for: shorten the window, or load older events${silence('PSN3310')}`,
  }),
} satisfies Record<string, (parameters: never) => ProblemParts>

/** What `ignore_warnings` may name. */
export const lintCodes: readonly string[] = Object.keys(lintText)
