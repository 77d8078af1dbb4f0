/**
 * Relative humidity at another temperature of the same air.
 *
 * Saturation vapour pressure over water by the Magnus formula, 6.112 hPa · exp(17.62 t / (243.12 + t)), t in °C: WMO-No. 8,
 * Guide to Meteorological Instruments and Methods of Observation (2008), annex 4.B, after D. Sonntag, "Important new values
 * of the physical constants of 1986, vapour pressure formulations based on the ITS-90, and psychrometer formulae", Z.
 * Meteorol. 70 (1990) 340–344. It holds from −45 to 60 °C; beyond it the error stays far below that of a BME680 (±3 %).
 * Below 0 °C it is over water, too, as humidity sensors count. Absolute humidity is that of an ideal gas, 216.7 g K/J · e / T.
 */
const MAGNUS_HPA = 6.112;
const MAGNUS_FACTOR = 17.62;
const MAGNUS_C = 243.12;
const GRAM_KELVIN_PER_JOULE = 216.7;
const ZERO_C_IN_K = 273.15;
const PERCENT = 100;

/** hPa, of `temperature` in °C. */
export function saturationPressure(temperature: number): number {
  return MAGNUS_HPA * Math.exp((MAGNUS_FACTOR * temperature) / (MAGNUS_C + temperature));
}

/** g/m³, of °C and %. */
export function absoluteHumidity(temperature: number, humidity: number): number {
  const vapourPressure = (humidity / PERCENT) * saturationPressure(temperature);
  return (GRAM_KELVIN_PER_JOULE * vapourPressure) / (ZERO_C_IN_K + temperature);
}

/** % at `to`, of air that has `humidity` at `from` and as many grams of water in a cubic metre; above 100 it would condense. */
export function humidityAt(humidity: number, from: number, to: number): number {
  return (PERCENT * absoluteHumidity(from, humidity)) / absoluteHumidity(to, PERCENT);
}
