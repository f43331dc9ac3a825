/** A request, without anything that tells whose profile was asked for. */
export interface AnsweredRequest {
  readonly requestId: string
  readonly method: string
  /** As it was declared, such as `/health`; undefined where none fits. */
  readonly route: string | undefined
  readonly status: number
  readonly ms: number
  /** Name of the token, once it is known. */
  readonly token: string | undefined
}

export interface FailedRequest {
  readonly requestId: string
  readonly route: string | undefined
  readonly error: Error
}

export interface ServeLog {
  answered(request: AnsweredRequest): void
  /** A bug, or a store that does not answer. The message of the error may hold an identifier. */
  failed(request: FailedRequest): void
}
