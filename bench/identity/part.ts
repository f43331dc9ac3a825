/** What every part of the benchmark is told. */
export interface PartInput {
  /** Events, or identifiers where the part has no events; absent: as usual. */
  readonly scale: number | undefined
  readonly seed: number
  /** For its databases; the caller removes it. */
  readonly folder: string
}

export const usualEvents = 1_000_000
