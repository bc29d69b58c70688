//! Writes ONNX models that sherpa-onnx takes for real ones, so that token times, labels and
//! crashes of the real library are tested without real models.
//!
//! The one that it takes for SenseVoice hears two words: `low` in loud sound of low pitch and `high`
//! in loud sound of high pitch. The one that it takes for Paraformer hears `您好 hello` in anything.
//!
//! SenseVoice's graph: token scores are a linear function of the 560 features of a frame (seven stacked
//! frames of 80 mel bands), below the blank's score where the sound is quiet. Before them stand four
//! rows of fixed scores, as SenseVoice's prompt has it: language (looked up by the hint), emotion,
//! event, text style.

use std::path::Path;

const TOKENS: [&str; 10] = [
    "<unk>",
    "<s>",
    "</s>",
    "\u{2581}low",
    "\u{2581}high",
    "<|zh|>",
    "<|en|>",
    "<|HAPPY|>",
    "<|Speech|>",
    "<|withitn|>",
];
const LOW: usize = 3;
const HIGH: usize = 4;
const FEATURES: usize = 560;
const BANDS: usize = 80;

/// Writes `model.onnx` and `tokens.txt`.
pub(crate) fn write_sensevoice(folder: &Path) {
    write_graph(folder, &metadata());
    write_tokens(folder, &TOKENS);
}

/// Writes a model that lacks what sherpa-onnx wants to know of it, at which it ends the process.
pub(crate) fn write_sensevoice_without_metadata(folder: &Path) {
    write_sensevoice(folder);
    write_graph(folder, &[]);
}

fn metadata() -> Vec<(&'static str, String)> {
    let fixed = [
        ("model_type", "sense_voice_ctc"),
        ("version", "1"),
        ("model_author", "test"),
        ("maintainer", "test"),
        ("comment", "two words"),
        ("normalize_samples", "0"),
        ("lfr_window_size", "7"),
        ("lfr_window_shift", "6"),
        ("with_itn", "14"),
        ("without_itn", "15"),
        ("lang_auto", "0"),
        ("lang_zh", "3"),
        ("lang_en", "4"),
        ("lang_yue", "7"),
        ("lang_ja", "11"),
        ("lang_ko", "12"),
    ];
    let mut metadata: Vec<_> = fixed.map(|(key, value)| (key, value.to_owned())).into();
    metadata.push(("vocab_size", TOKENS.len().to_string()));
    // Features stay natural logarithms of energy: nothing is added, the scale is one.
    metadata.push(("neg_mean", ["0.0"; FEATURES].join(",")));
    metadata.push(("inv_stddev", ["1.0"; FEATURES].join(",")));
    metadata
}

fn write_graph(folder: &Path, metadata: &[(&str, String)]) {
    let vocabulary = TOKENS.len();
    // The score of a word is the mean of its bands less 18: line noise stays below, a chord above.
    let mut weights = vec![0.0; FEATURES * vocabulary];
    for feature in 0..FEATURES {
        let (word, bands) = match feature % BANDS {
            0..25 => (LOW, 25.0),
            55..80 => (HIGH, 25.0),
            _ => continue,
        };
        weights[feature * vocabulary + word] = 1.0 / (bands * (FEATURES / BANDS) as f32);
    }
    let mut bias = vec![-1000.0; vocabulary];
    bias[0] = 0.0;
    bias[LOW] = -18.0;
    bias[HIGH] = -18.0;

    let row = |token: usize| {
        let mut row = vec![0.0; vocabulary];
        row[token] = 1.0;
        row
    };
    // Row 3 is the hint `zh`; the rest, with `auto`, hears English.
    let languages: Vec<f32> = (0..16).flat_map(|hint| row(if hint == 3 { 5 } else { 6 })).collect();
    let prompt: Vec<f32> = [7, 8, 9].into_iter().flat_map(row).collect();

    let mut graph = Message::default();
    graph.message(1, node("MatMul", &["x", "weights"], "sums", None));
    graph.message(1, node("Add", &["sums", "bias"], "scores", None));
    graph.message(1, node("Gather", &["languages", "language"], "hint", None));
    graph.message(1, node("Unsqueeze", &["hint", "one"], "hint_row", None));
    graph.message(1, node("Concat", &["hint_row", "prompt", "scores"], "logits", Some(1)));
    graph.bytes(2, b"two words");
    graph.message(5, floats("weights", &[FEATURES, vocabulary], &weights));
    graph.message(5, floats("bias", &[vocabulary], &bias));
    graph.message(5, floats("languages", &[16, vocabulary], &languages));
    graph.message(5, floats("prompt", &[1, 3, vocabulary], &prompt));
    let mut one = tensor("one", &[1], INT64);
    one.bytes(9, &1_i64.to_le_bytes());
    graph.message(5, one);
    graph.message(11, value("x", FLOAT, &["N", "T", "560"]));
    graph.message(11, value("x_length", INT32, &["N"]));
    graph.message(11, value("language", INT32, &["N"]));
    graph.message(11, value("text_norm", INT32, &["N"]));
    graph.message(12, value("logits", FLOAT, &["N", "T2", &vocabulary.to_string()]));

    write_model(folder, graph, metadata);
}

/// Writes `model.onnx` and `tokens.txt` of a Paraformer whose answer is always the same: four
/// tokens, which begin at 0.5, 1.0, 1.5 and 1.7 s of its clock of 20 ms.
pub(crate) fn write_paraformer(folder: &Path) {
    let tokens = ["<blank>", "<s>", "</s>", "您", "好", "hel@@", "lo", "<unk>"];
    write_tokens(folder, &tokens);
    let scores: Vec<f32> = [3, 4, 5, 6]
        .into_iter()
        .flat_map(|token| (0..tokens.len()).map(move |id| if id == token { 9.0 } else { 0.0 }))
        .collect();
    let mut peaks = vec![0.0; 120];
    // A peak for the beginning of each token, and one for the end of the last.
    for peak in [25, 50, 75, 85, 95] {
        peaks[peak] = 1.0;
    }
    let mut graph = Message::default();
    for (constant, output) in [
        ("scores", "logits"),
        ("count", "token_num"),
        ("peaks", "us_alphas"),
        ("peaks", "us_cif_peak"),
    ] {
        graph.message(1, node("Identity", &[constant], output, None));
    }
    graph.bytes(2, b"one answer");
    graph.message(5, floats("scores", &[1, 4, tokens.len()], &scores));
    graph.message(5, floats("peaks", &[1, 120], &peaks));
    let mut count = tensor("count", &[1], INT32);
    count.bytes(9, &4_i32.to_le_bytes());
    graph.message(5, count);
    graph.message(11, value("speech", FLOAT, &["N", "T", "560"]));
    graph.message(11, value("speech_lengths", INT32, &["N"]));
    graph.message(12, value("logits", FLOAT, &["N", "L", "V"]));
    graph.message(12, value("token_num", INT32, &["N"]));
    graph.message(12, value("us_alphas", FLOAT, &["N", "P"]));
    graph.message(12, value("us_cif_peak", FLOAT, &["N", "P"]));
    let mut metadata = metadata();
    metadata.retain(|(key, _)| !matches!(*key, "vocab_size" | "model_type"));
    metadata.push(("vocab_size", tokens.len().to_string()));
    metadata.push(("model_type", "paraformer".to_owned()));
    write_model(folder, graph, &metadata);
}

fn write_tokens(folder: &Path, tokens: &[&str]) {
    let lines: String =
        tokens.iter().enumerate().map(|(id, token)| format!("{token} {id}\n")).collect();
    std::fs::write(folder.join("tokens.txt"), lines).unwrap();
}

fn write_model(folder: &Path, graph: Message, metadata: &[(&str, String)]) {
    let mut operators = Message::default();
    operators.bytes(1, b"");
    operators.number(2, 17);
    let mut model = Message::default();
    model.number(1, 8);
    model.message(7, graph);
    model.message(8, operators);
    for (key, value) in metadata {
        let mut entry = Message::default();
        entry.bytes(1, key.as_bytes());
        entry.bytes(2, value.as_bytes());
        model.message(14, entry);
    }
    std::fs::write(folder.join("model.onnx"), model.0).unwrap();
}

// Element types of ONNX's TensorProto.
const FLOAT: u64 = 1;
const INT32: u64 = 6;
const INT64: u64 = 7;

fn node(operator: &str, inputs: &[&str], output: &str, axis: Option<u64>) -> Message {
    let mut node = Message::default();
    for input in inputs {
        node.bytes(1, input.as_bytes());
    }
    node.bytes(2, output.as_bytes());
    node.bytes(3, output.as_bytes());
    node.bytes(4, operator.as_bytes());
    if let Some(axis) = axis {
        let mut attribute = Message::default();
        attribute.bytes(1, b"axis");
        attribute.number(3, axis);
        // An attribute of type INT.
        attribute.number(20, 2);
        node.message(5, attribute);
    }
    node
}

fn tensor(name: &str, shape: &[usize], element: u64) -> Message {
    let mut tensor = Message::default();
    for &length in shape {
        tensor.number(1, length as u64);
    }
    tensor.number(2, element);
    tensor.bytes(8, name.as_bytes());
    tensor
}

fn floats(name: &str, shape: &[usize], values: &[f32]) -> Message {
    let mut tensor = tensor(name, shape, FLOAT);
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor.bytes(9, &bytes);
    tensor
}

/// An input or output; a length that is no number is a name for a length that varies.
fn value(name: &str, element: u64, shape: &[&str]) -> Message {
    let mut lengths = Message::default();
    for length in shape {
        let mut dimension = Message::default();
        match length.parse() {
            Ok(number) => dimension.number(1, number),
            Err(_) => dimension.bytes(2, length.as_bytes()),
        }
        lengths.message(1, dimension);
    }
    let mut tensor_type = Message::default();
    tensor_type.number(1, element);
    tensor_type.message(2, lengths);
    let mut value_type = Message::default();
    value_type.message(1, tensor_type);
    let mut value = Message::default();
    value.bytes(1, name.as_bytes());
    value.message(2, value_type);
    value
}

/// A protocol buffer, field by field.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn number(&mut self, field: u64, number: u64) {
        self.varint(field << 3);
        self.varint(number);
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn message(&mut self, field: u64, message: Message) {
        self.bytes(field, &message.0);
    }
}
