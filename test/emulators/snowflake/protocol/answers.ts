import type { SnowflakeError } from '../errors.ts'

export interface Answer {
  readonly status: number
  readonly body: Buffer
  readonly type: string
}

export function answer(body: unknown): Answer {
  return { status: 200, body: Buffer.from(JSON.stringify(body)), type: 'application/json' }
}

export function success(data: unknown): Answer {
  return answer({ data, code: null, message: null, success: true })
}

export function refusal(code: string, message: string): Answer {
  return answer({ data: null, code, message, success: false })
}

export function failed(queryId: string, error: SnowflakeError): Answer {
  return answer({
    data: {
      internalError: false,
      errorCode: error.code,
      age: 0,
      sqlState: error.sqlState,
      queryId,
      line: -1,
      pos: -1,
      type: 'COMPILATION',
    },
    code: error.code,
    message: error.message,
    success: false,
  })
}
