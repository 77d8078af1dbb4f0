/** Answers and page data that are made in pieces, as a whole: what a reader has in the end. */
import { readingsAnswer as readingsInPieces } from '../../src/dashboard/api';
import type { HttpAnswer, StreamedAnswer } from '../../src/dashboard/http-answer';
import { metricsAnswer as metricsInPieces } from '../../src/dashboard/metrics';
import { type SensorDataParts, sensorData as sensorDataInPieces } from '../../src/dashboard/sensor-data';

export function metricsAnswer(...asked: Parameters<typeof metricsInPieces>): HttpAnswer {
  return whole(metricsInPieces(...asked));
}

export function readingsAnswer(...asked: Parameters<typeof readingsInPieces>): HttpAnswer {
  return whole(readingsInPieces(...asked));
}

export function sensorData(parts: SensorDataParts): string {
  return [...sensorDataInPieces(parts)].join('');
}

function whole({ status, headers, chunks }: StreamedAnswer): HttpAnswer {
  return { status, headers, body: [...chunks].join('') };
}
