/** The same few sentences in many languages: what shows that a tokenizer makes some languages dearer than others. */

import { t } from "../../shared/l10n.js";

export interface Language {
  /** BCP 47. */
  tag: string;
  /** In the reader's language. */
  name: string;
  /** What its speakers call it. */
  ownName: string;
}

export const LANGUAGES = [
  { tag: "en", name: t("English"), ownName: "English" },
  { tag: "es", name: t("Spanish"), ownName: "español" },
  { tag: "fr", name: t("French"), ownName: "français" },
  { tag: "de", name: t("German"), ownName: "Deutsch" },
  { tag: "tr", name: t("Turkish"), ownName: "Türkçe" },
  { tag: "vi", name: t("Vietnamese"), ownName: "Tiếng Việt" },
  { tag: "sw", name: t("Swahili"), ownName: "Kiswahili" },
  { tag: "el", name: t("Greek"), ownName: "ελληνικά" },
  { tag: "ru", name: t("Russian"), ownName: "русский" },
  { tag: "he", name: t("Hebrew"), ownName: "עברית" },
  { tag: "ar", name: t("Arabic"), ownName: "العربية" },
  { tag: "hi", name: t("Hindi"), ownName: "हिन्दी" },
  { tag: "th", name: t("Thai"), ownName: "ไทย" },
  { tag: "zh", name: t("Chinese"), ownName: "中文" },
  { tag: "ja", name: t("Japanese"), ownName: "日本語" },
  { tag: "ko", name: t("Korean"), ownName: "한국어" },
  { tag: "am", name: t("Amharic"), ownName: "አማርኛ" },
  { tag: "my", name: t("Burmese"), ownName: "မြန်မာဘာသာ" },
] as const satisfies readonly Language[];

export type LanguageTag = (typeof LANGUAGES)[number]["tag"];

/** The language that the others are compared with. */
export const BASE_LANGUAGE: LanguageTag = "en";

export interface Meaning {
  id: string;
  /** A short name for a list. */
  title: string;
  /** Where the sentences come from. */
  source: string;
  texts: Readonly<Record<LanguageTag, string>>;
}

export const MEANINGS: readonly Meaning[] = [
  {
    id: "rights",
    title: t("Human rights, article 1"),
    source: t(
      "Universal Declaration of Human Rights, article 1, after the translations that the United Nations publish",
    ),
    texts: {
      en: "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience and should act towards one another in a spirit of brotherhood.",
      es: "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y conciencia, deben comportarse fraternalmente los unos con los otros.",
      fr: "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité.",
      de: "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen.",
      tr: "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler ve birbirlerine karşı kardeşlik zihniyeti ile hareket etmelidirler.",
      vi: "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền. Mọi con người đều được tạo hoá ban cho lý trí và lương tâm và cần phải đối xử với nhau trong tình bằng hữu.",
      sw: "Watu wote wamezaliwa huru, hadhi na haki zao ni sawa. Wote wamejaliwa akili na dhamiri, hivyo yapasa watendeane kindugu.",
      el: "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. Είναι προικισμένοι με λογική και συνείδηση, και οφείλουν να συμπεριφέρονται μεταξύ τους με πνεύμα αδελφοσύνης.",
      ru: "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и должны поступать в отношении друг друга в духе братства.",
      he: "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון, לפיכך חובה עליהם לנהוג איש ברעהו ברוח של אחווה.",
      ar: "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق. وقد وهبوا عقلاً وضميرًا وعليهم أن يعامل بعضهم بعضًا بروح الإخاء.",
      hi: "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। उन्हें बुद्धि और अन्तरात्मा की देन प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।",
      th: "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม และควรปฏิบัติต่อกันด้วยเจตนารมณ์แห่งภราดรภาพ",
      zh: "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
      ja: "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを授けられており、互いに同胞の精神をもって行動しなければならない。",
      ko: "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았으며 서로 형제애의 정신으로 행동하여야 한다.",
      am: "የሰው ልጅ ሁሉ ሲወለድ ነጻና በክብርና በመብትም እኩልነት ያለው ነው። የተፈጥሮ ማስተዋልና ሕሊና ስላለው አንዱ ሌላውን በወንድማማችነት መንፈስ መመልከት ይገባዋል።",
      my: "လူတိုင်းသည် တူညီ လွတ်လပ်သော ဂုဏ်သိက္ခာဖြင့် လည်းကောင်း၊ တူညီလွတ်လပ်သော အခွင့်အရေးများဖြင့် လည်းကောင်း၊ မွေးဖွားလာသူများ ဖြစ်သည်။ ထိုသူတို့၌ ပိုင်းခြား ဝေဖန်တတ်သော ဉာဏ်နှင့် ကျင့်ဝတ် သိတတ်သော စိတ်တို့ရှိကြ၍ ထိုသူတို့သည် အချင်းချင်း မေတ္တာထား၍ ဆက်ဆံကျင့်သုံးသင့်၏။",
    },
  },
  {
    id: "bread",
    title: t("The price of bread"),
    source: t("Written for Glassbox"),
    texts: {
      en: "Good morning. How much does this bread cost?",
      es: "Buenos días. ¿Cuánto cuesta este pan?",
      fr: "Bonjour. Combien coûte ce pain ?",
      de: "Guten Morgen. Wie viel kostet dieses Brot?",
      tr: "Günaydın. Bu ekmek ne kadar?",
      vi: "Chào buổi sáng. Bánh mì này giá bao nhiêu?",
      sw: "Habari za asubuhi. Mkate huu ni bei gani?",
      el: "Καλημέρα. Πόσο κάνει αυτό το ψωμί;",
      ru: "Доброе утро. Сколько стоит этот хлеб?",
      he: "בוקר טוב. כמה עולה הלחם הזה?",
      ar: "صباح الخير. كم سعر هذا الخبز؟",
      hi: "सुप्रभात। यह रोटी कितने की है?",
      th: "สวัสดีตอนเช้า ขนมปังนี้ราคาเท่าไร",
      zh: "早上好。这个面包多少钱？",
      ja: "おはようございます。このパンはいくらですか？",
      ko: "좋은 아침입니다. 이 빵은 얼마예요?",
      am: "እንደምን አደሩ። የዚህ ዳቦ ዋጋ ስንት ነው?",
      my: "မင်္ဂလာနံနက်ခင်းပါ။ ဒီပေါင်မုန့် ဘယ်လောက်လဲ။",
    },
  },
  {
    id: "letter",
    title: t("A letter"),
    source: t("Written for Glassbox"),
    texts: {
      en: "I have read the letter, and I will answer tomorrow.",
      es: "He leído la carta y responderé mañana.",
      fr: "J’ai lu la lettre et je répondrai demain.",
      de: "Ich habe den Brief gelesen und werde morgen antworten.",
      tr: "Mektubu okudum ve yarın cevap vereceğim.",
      vi: "Tôi đã đọc bức thư và ngày mai tôi sẽ trả lời.",
      sw: "Nimesoma barua na nitajibu kesho.",
      el: "Διάβασα το γράμμα και θα απαντήσω αύριο.",
      ru: "Я прочитал письмо и отвечу завтра.",
      he: "קראתי את המכתב ואענה מחר.",
      ar: "لقد قرأت الرسالة وسأجيب غدًا.",
      hi: "मैंने पत्र पढ़ लिया है और मैं कल जवाब दूँगा।",
      th: "ฉันอ่านจดหมายแล้ว และจะตอบพรุ่งนี้",
      zh: "我已经读了这封信，明天会回复。",
      ja: "手紙を読みました。明日、返事をします。",
      ko: "편지를 읽었고 내일 답장하겠습니다.",
      am: "ደብዳቤውን አንብቤዋለሁ፤ ነገ መልስ እሰጣለሁ።",
      my: "စာကို ဖတ်ပြီးပါပြီ။ မနက်ဖြန် ပြန်ဖြေပါမယ်။",
    },
  },
];
