/** Months as people write them in fifteen languages, by how they begin; longer beginnings first. */
export const MONTHS: readonly string[] = [
  'januar|january|januari|janvier|janeiro|enero|gennaio|января|январь|stycznia|ocak|jan|janv|ene|gen|янв|sty|jän|jänner|มกราคม|ม[.]ค',
  'februar|february|februari|février|fevrier|fevereiro|febrero|febbraio|февраля|февраль|lutego|şubat|feb|févr|fevr|fév|fev|фев|lut|กุมภาพันธ์|ก[.]พ',
  'märz|maerz|march|mars|março|marzo|maart|марта|март|marca|mart|mär|mrz|mrt|mar|мар|มีนาคม|มี[.]ค',
  'april|avril|abril|aprile|апреля|апрель|kwietnia|nisan|apr|avr|abr|апр|kwi|เมษายน|เม[.]ย',
  'may|mai|mayo|maio|maggio|mei|maj|maja|мая|май|mayıs|mag|พฤษภาคม|พ[.]ค',
  'juni|june|juin|junio|junho|giugno|июня|июнь|czerwca|haziran|jun|giu|июн|cze|มิถุนายน|มิ[.]ย',
  'juli|july|juillet|julio|julho|luglio|июля|июль|lipca|temmuz|jul|juil|lug|июл|lip|กรกฎาคม|ก[.]ค',
  'august|août|aout|agosto|augustus|augusti|августа|август|sierpnia|ağustos|aug|ago|aoû|авг|sie|สิงหาคม|ส[.]ค',
  'september|septembre|septiembre|setiembre|setembro|settembre|сентября|сентябрь|września|eylül|sept|sep|set|сент|сен|wrz|กันยายน|ก[.]ย',
  'oktober|october|octobre|octubre|outubro|ottobre|октября|октябрь|października|ekim|okt|oct|out|ott|окт|paź|ตุลาคม|ต[.]ค',
  'november|novembre|noviembre|novembro|ноября|ноябрь|listopada|kasım|nov|нояб|ноя|lis|พฤศจิกายน|พ[.]ย',
  'dezember|december|décembre|decembre|diciembre|dezembro|dicembre|декабря|декабрь|grudnia|aralık|dez|dec|déc|dic|дек|gru|ธันวาคม|ธ[.]ค',
];
