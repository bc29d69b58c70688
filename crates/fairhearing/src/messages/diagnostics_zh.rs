//! What is wrong with a rule file, in Chinese: a sentence for each code, with what stands in the
//! place and the words that would do. Where a code has several causes, the English message of the
//! rule compiler stands below as its detail.

use fh_rules::{Code, Diagnostic, Level, Wording};

use super::fill;

/// What a code is called in Chinese.
struct Sentence {
    code: Code,
    /// What is wrong; `{found}` is what stands in the place.
    text: &'static str,
    /// What would be right, where that is always the same.
    expected: &'static str,
    /// Whether the code has causes that the sentence does not tell apart.
    detailed: bool,
}

const fn plain(code: Code, text: &'static str, expected: &'static str) -> Sentence {
    Sentence { code, text, expected, detailed: false }
}

const fn detailed(code: Code, text: &'static str) -> Sentence {
    Sentence { code, text, expected: "", detailed: true }
}

const SENTENCES: &[Sentence] = &[
    detailed(Code::INVALID_YAML, "文件不是有效的 YAML"),
    detailed(Code::TOO_LARGE, "大小、层数或数量超过上限"),
    plain(Code::ALIAS_REFUSED, "规则文件中不能使用锚点、别名、标签和合并键", "直接写出内容"),
    plain(
        Code::NOT_ONE_DOCUMENT,
        "一个文件中只能有一个 YAML 文档，并且须为映射",
        "以 `pack: <id>` 开头的映射",
    ),
    detailed(Code::WRONG_TYPE, "此处值的类型不对"),
    plain(Code::MISSING_FIELD, "缺少必需的字段", ""),
    plain(Code::UNKNOWN_FIELD, "此处没有字段 `{found}`", ""),
    plain(Code::DUPLICATE_FIELD, "字段 `{found}` 写了两次", "只写一次"),
    detailed(Code::FIELDS_CLASH, "`{found}` 与旁边的内容冲突，或在此处不起作用"),
    plain(Code::UNKNOWN_WORD, "`{found}` 不是此处可用的词", ""),
    detailed(Code::INVALID_NUMBER, "`{found}` 不是此处可用的数"),
    plain(
        Code::INVALID_DURATION,
        "`{found}` 不是此处可用的时长",
        "大于零的时长，例如 `3s`、`500ms`、`2m` 或 `1.5s`",
    ),
    plain(
        Code::INVALID_WINDOW,
        "`{found}` 不是此处可用的通话位置",
        "`first` 或 `last` 加时长，例如 `last 30s`；说话类条件也可用句数，例如 `first 2 utterances`",
    ),
    plain(
        Code::INVALID_NAME,
        "`{found}` 不能用作名称",
        "以字母或汉字开头，其后为字母、汉字、数字、`-` 和 `_`，不超过 100 个字符，且不是 `flag_if` 用到的词",
    ),
    detailed(Code::EMPTY, "此处需要内容，但是空的"),
    plain(Code::INVALID_DATE, "`{found}` 不是日期和时间", "日期和时间，例如 `2026-01-31T09:00:00`"),
    detailed(Code::DUPLICATE_NAME, "同类中已有这个名称：`{found}`"),
    plain(Code::UNKNOWN_PHRASES, "没有短语表 `{found}`", "在 `phrases` 中定义的短语表，前面加 `$`"),
    plain(Code::UNKNOWN_CONDITION, "规则中没有这个条件：`{found}`", "写在上面的条件"),
    plain(Code::CONDITION_BELOW, "条件 `{found}` 写在引用它的条件下面", "写在上面的条件"),
    plain(Code::UNKNOWN_RULE, "没有这个 id 的规则：`{found}`", "规则的 id"),
    detailed(Code::INVALID_EXPRESSION, "读不懂 `flag_if` 中的表达式"),
    detailed(Code::INVALID_DIALOGUE, "读不懂测试对话中的这一行"),
    detailed(Code::INVALID_REGEX, "正则表达式有误"),
    detailed(Code::REGEX_TOO_LARGE, "正则表达式需要的内存超过上限"),
    plain(Code::PHRASE_WITHOUT_WORDS, "短语去掉标点后没有文字：`{found}`", "至少一个字或词"),
    plain(Code::SHORT_PHRASE, "短语太短，会在意思不同的话中偶然命中：`{found}`", "至少两个字"),
    detailed(Code::PHRASE_IN_PHRASE, "同一列表中有短语包含另一个短语，较长的那个从不起作用"),
    plain(Code::REPEATED_PHRASE, "短语在列表中重复：`{found}`", "只写一次"),
    plain(Code::UNTESTED_RULE, "规则没有测试", "`tests`：一通应命中的通话和一通不应命中的通话"),
    detailed(Code::ONE_SIDED_TESTS, "规则的测试只有命中或只有未命中的一面"),
    plain(Code::UNUSED_CONDITION, "条件不影响规则是否命中", "在 `flag_if` 或其中的条件里用到它"),
    plain(Code::UNUSED_PHRASES, "没有规则使用这个短语表", ""),
    plain(
        Code::REGEX_WITHOUT_LITERAL,
        "正则表达式中没有固定文字，每句话都要运行一遍",
        "其中至少有一段固定文字",
    ),
    detailed(Code::POINTS_WITHOUT_EFFECT, "分值或上限不会有看上去的效果"),
    plain(Code::UNUSED_RULE, "没有场景使用这条规则", "在某个场景的 `rules` 中写上它的 id"),
];

/// The words of a diagnostic in Chinese. `source` is the whole text of its file.
pub(crate) fn in_chinese(diagnostic: &Diagnostic, source: &str) -> Wording {
    let level = match diagnostic.level {
        Level::Error => "错误",
        Level::Warning => "警告",
    };
    let Diagnostic { code, message, expected, choices, suggestion, .. } = diagnostic;
    let sentence = SENTENCES.iter().find(|sentence| sentence.code == *code);
    // Quotation marks are YAML's, not part of what was written.
    let found = diagnostic.found(source).trim_matches(['"', '\'']);
    let text = sentence.map_or_else(|| message.clone(), |it| fill(it.text, &[("found", &found)]));
    let mut notes = Vec::new();
    let fixed = sentence.map_or("", |sentence| sentence.expected);
    if !choices.is_empty() {
        notes.push(format!("应为：{}", one_of(choices)));
    } else if !fixed.is_empty() {
        notes.push(format!("应为：{fixed}"));
    }
    if sentence.is_some_and(|sentence| sentence.detailed) {
        let expected =
            expected.as_ref().map(|expected| format!("; expected: {expected}")).unwrap_or_default();
        notes.push(format!("详情（英文）：{message}{expected}"));
    }
    if let Some(suggestion) = suggestion {
        notes.push(format!("是否想写：`{suggestion}`"));
    }
    Wording { head: format!("{level}[{code}]：{text}"), notes }
}

/// `` `a`、`b` 或 `c` ``.
pub(super) fn one_of(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, most)) if !most.is_empty() => format!("{} 或 {last}", most.join("、")),
        _ => quoted.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_sentence() {
        let numbers = |codes: &mut dyn Iterator<Item = Code>| -> Vec<u16> {
            codes.map(|code| code.number).collect()
        };
        let ours = numbers(&mut SENTENCES.iter().map(|sentence| sentence.code));
        assert_eq!(ours, numbers(&mut Code::ALL.iter().copied()));
    }

    #[test]
    fn a_misspelt_field_is_told_in_chinese() {
        let text = "pack: a\nrules:\n  - id: greet\n    severty: high\n    name: 问候\n    \
                    listen_for: { hi: { say: [您好], by: agent } }\n    flag_if: '!hi'\n";
        let source = fh_rules::RuleSource { name: "a.yaml".to_owned(), text: text.to_owned() };
        let diagnostics = fh_rules::compile(&[source]).unwrap_err();
        let wording = in_chinese(&diagnostics[0], text);
        assert_eq!(wording.head, "错误[FH-R012 unknown-field]：此处没有字段 `severty`");
        assert!(wording.notes[0].starts_with("应为：`id`、"), "{wording:?}");
        assert_eq!(wording.notes[1], "是否想写：`severity`");
        let rendered = diagnostics[0].render_as(text, &wording);
        assert!(rendered.contains(" --> a.yaml:4:5\n"), "{rendered}");
        assert!(rendered.contains("|     ^^^^^^^\n"), "{rendered}");
    }
}
