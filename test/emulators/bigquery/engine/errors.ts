/** The reasons BigQuery gives, and the HTTP status each comes with. */
export const statusOf = {
  accessDenied: 403,
  backendError: 503,
  billingNotEnabled: 403,
  billingTierLimitExceeded: 400,
  bytesBilledLimitExceeded: 400,
  duplicate: 409,
  internalError: 500,
  jobBackendError: 400,
  jobInternalError: 400,
  jobRateLimitExceeded: 400,
  invalid: 400,
  invalidQuery: 400,
  notFound: 404,
  notImplemented: 501,
  quotaExceeded: 403,
  rateLimitExceeded: 403,
  resourceInUse: 400,
  resourcesExceeded: 400,
  stopped: 200,
  tableUnavailable: 400,
  timeout: 408,
  authError: 401,
} as const

export type Reason = keyof typeof statusOf

/** An answer that BigQuery would give too. */
export class BigqueryError extends Error {
  readonly reason: Reason
  readonly location: string | undefined

  constructor(reason: Reason, message: string, location?: string) {
    super(message)
    this.reason = reason
    this.location = location
  }
}

/** Something that BigQuery has and this emulator has not: never an answer to judge a statement by. */
export class EmulatorGap extends BigqueryError {
  constructor(what: string) {
    super('notImplemented', `the BigQuery emulator has no ${what}`)
  }
}
