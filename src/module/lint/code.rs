//! The codes of the lint: what each demands, why, and what helps.

use std::fmt;

use crate::error::Rule;

/// The weight of a [`Finding`](super::Finding).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Something to know, which may be as it was meant.
    Info,
    /// A fault for some who use the module; the export goes on.
    Warning,
    /// A fault with which the module, or a part of it, cannot be used; the export is refused.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// The place where findings of a code come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LintStage {
    /// The definition of the module: [`ModuleSpec::lint`](crate::ModuleSpec::lint) finds them, and every export.
    Spec,
    /// The values, or the files that an export writes: they are in
    /// [`ExportSummary::warnings`](crate::module::ExportSummary::warnings).
    Export,
}

impl fmt::Display for LintStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LintStage::Spec => "spec",
            LintStage::Export => "export",
        })
    }
}

macro_rules! lints {
    ($($code:ident $severity:ident [$($rule:ident),*] $($stage:ident)?: $check:literal, $reason:literal, $fix:literal;)*) => {
        /// The stable codes of the guidance to publishers that the lint checks: S for structure, V for variables, variants
        /// and training, G for common signatures, A for assets and attachments, X for the export itself.
        ///
        /// [`cookbook::lint`](crate::cookbook::lint) has all of them in one table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum LintCode {
            $(#[doc = concat!($check, ".")] $code,)*
        }

        impl LintCode {
            /// Every code.
            pub const ALL: &'static [LintCode] = &[$(LintCode::$code),*];

            /// The code as text, for example `V06`.
            pub fn code(self) -> &'static str {
                match self { $(LintCode::$code => stringify!($code),)* }
            }

            /// The weight of what breaks the demand; a finding may have less.
            pub fn severity(self) -> Severity {
                match self { $(LintCode::$code => Severity::$severity,)* }
            }

            /// The rules of [`ModuleSpec::new`](crate::ModuleSpec::new) that refuse what breaks the demand, or a part of it.
            pub fn rules(self) -> &'static [Rule] {
                match self { $(LintCode::$code => &[$(Rule::$rule),*],)* }
            }

            /// The place where findings come from; `None` where the [`rules`](Self::rules) alone hold modules to the demand.
            pub fn stage(self) -> Option<LintStage> {
                match self { $(LintCode::$code => lints!(@stage $($stage)?),)* }
            }

            /// The demand, in one sentence.
            pub fn description(self) -> &'static str {
                match self { $(LintCode::$code => $check,)* }
            }

            /// The consequence of breaking the demand.
            pub fn reason(self) -> &'static str {
                match self { $(LintCode::$code => $reason,)* }
            }

            /// The usual remedy.
            pub fn fix(self) -> &'static str {
                match self { $(LintCode::$code => $fix,)* }
            }
        }
    };
    (@stage) => { None };
    (@stage $stage:ident) => { Some(LintStage::$stage) };
}

impl fmt::Display for LintCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

lints! {
    S01 Error [NoSignature]:
        "the module has a variant, and every variant a signature",
        "TensorFlow Hub refuses a module without one",
        "add a signature in the module function";
    S02 Error [Variants]:
        "no two variants have the same tags",
        "a consumer could not choose between them",
        "give each variant a tag set of its own";
    S03 Warning [] Spec:
        "one variant has no tags",
        "consumers that name no tags, and those that cannot, ask for that variant",
        "add a variant with Tags::none()";
    S04 Warning [] Spec:
        "the signature \"default\" has at most one input, and an output \"default\"",
        "consumers that name no signature apply it as module(x), and take that output",
        "add a default_signature for the main use";
    S05 Error [Collection]:
        "only collections that a module can carry are filled",
        "TensorFlow Hub refuses a module with others",
        "drop the collection, or do not fill it";
    S06 Error [UndeclaredPlaceholder] Spec:
        "every placeholder that an output depends on is an input of the same signature",
        "TensorFlow 1 fails when the signature is run, and TensorFlow 2 loads nothing of the module",
        "declare the placeholder as an input, or give it a default with placeholder_with_default";
    S07 Error [SharedName] Spec:
        "every variable and table has a shared name of its own",
        "state without one is shared with other variables and other instances of the module",
        "make variables with get_variable and tables with the types of ops::lookup";
    S08 Error [StateColocation] Spec:
        "a state op has one output, and is colocated only with state ops",
        "TensorFlow Hub replaces each state op by one placeholder, and refuses others",
        "leave the op out of the module";
    S09 Error [InputColocation] Spec:
        "a signature's input comes from an op with one output, and is not colocated",
        "TensorFlow Hub replaces inputs, and cannot rewrite colocation with an op of several outputs",
        "take a placeholder as the input";
    S10 Error [Signature] Spec:
        "names of signatures, inputs and outputs are ones that all consumers can use",
        "TensorFlow 1 makes scopes of the names of signatures, and TensorFlow 2 Python arguments of the keys of inputs",
        "use letters, digits and underscores";
    S11 Warning [Signature] Spec:
        "every input of a signature reaches an output, and no output is an input",
        "a consumer has to feed what has no effect",
        "remove the input or the output, or compute something from it";
    S12 Error [UnknownOp, Inputs, Attribute, Name, OtherGraph, Value, Device, Variable, Named, Function, Structure, ControlFlow, Instance, Application, UnregisteredOp, CollectionItem, State]:
        "the graph is well formed: names, inputs, attributes, functions, contexts, collections",
        "TensorFlow refuses the graph, or fails when it runs it",
        "see the diagnostic";
    S13 Error [Shape, Inputs]:
        "shapes and dtypes of a signature are those of its tensors",
        "a consumer would build on shapes that do not occur",
        "nothing: the declaration is taken from the tensors";
    S14 Warning [] Spec:
        "every node is needed by a signature, a loss, an update or an initializer",
        "a node that nothing needs makes the module larger, and hints at a result that was forgotten",
        "use the result, or do not build it";
    V01 Error [Variants] Export:
        "the values that are exported cover every variable of every variant, in dtype and shape",
        "the variants have one checkpoint, from which each restores its variables",
        "give all variables values, and one dtype and shape in all variants";
    V02 Warning [] Spec:
        "the variants agree in signatures, their inputs and outputs, and attachments",
        "a consumer that changes the tags loses what the other variant lacks",
        "build all variants with one function";
    V03 Warning [] Spec:
        "no variable is an optimizer's slot, a step counter, or used by nothing",
        "each consumer loads it, to no use",
        "export from a checkpoint by the names of the module's variables, and make no others";
    V04 Warning [] Spec:
        "variables are resource variables",
        "TensorFlow 2 loads variables of the old kind only in part",
        "leave use_resource as it is";
    V05 Warning [] Spec:
        "the collection of trainable variables and the variables' own marks agree",
        "hub.Module trains by the collection, and TensorFlow 2 by the marks",
        "make variables with trainable(false) that are not to be trained";
    V06 Warning [] Spec:
        "a regularization loss depends on every trainable kernel of a dense or convolutional layer",
        "without one, fine-tuning on few examples overfits; an optimizer's own decay does not travel with a module",
        "give the layer a kernel_regularizer";
    V07 Error [] Spec:
        "a regularization loss is a floating-point scalar that depends on no input",
        "it is evaluated apart from any application of the module: training fails for a placeholder without a value",
        "make the loss of variables alone, and reduce it to a scalar";
    V08 Warning [CollectionItem] Spec:
        "only a variant for training updates statistics",
        "hub.Module with trainable=True adds the updates of the variant to the consumer's training, whatever its tags are",
        "fill UPDATE_OPS only in the variant with the tag \"train\"";
    V09 Warning [] Spec:
        "the momentum of batch normalization is at most 0.99, or an input",
        "statistics that move slowly do not reach those of a small data set within a few thousand steps",
        "take a smaller momentum, or make it an input of a signature with hyperparameters";
    V10 Warning [] Spec:
        "dropout is in no variant for inference, its rate is an input, and no output is dropped out",
        "inference would be random, and small data sets need other rates",
        "apply dropout in the variant with the tag \"train\", and take the rate from a placeholder_with_default";
    V11 Warning [] Spec:
        "a module with dropout or batch normalization has a variant with the tag \"train\", which differs",
        "without one it cannot be fine-tuned as it was trained",
        "add a variant with the tag \"train\" that has training behavior";
    V12 Warning [] Spec:
        "no constant is larger than 4 MiB",
        "large constants look like weights that cannot be tuned, and count towards the 2 GiB of a message",
        "make it a variable";
    V13 Error [] Spec:
        "the graphs have less than 2 GiB together",
        "no larger message can be read",
        "make large constants variables";
    V14 Warning [] Spec:
        "every variable has an initializer",
        "no session can be made of the definition without a checkpoint",
        "give the variable an initial value";
    V15 Warning [] Export:
        "values are finite, and trainable matrices are not all of one number",
        "a number that is not finite makes outputs NaN, and a matrix of one number was never trained",
        "export the values of a trained session";
    V16 Warning [] Spec:
        "a module with variables has a trainable one",
        "nothing of the module can be fine-tuned",
        "do not make all variables with trainable(false), nor drop the collection of trainable ones";
    G01 Warning [CommonSignature] Spec:
        "image_feature_vector and image_classification take \"images\", float32 [?, height, width, 3], and give \"default\", float32 [?, n]",
        "programs for images rely on it",
        "give the placeholder and the output these names, dtypes and shapes";
    G02 Warning [] Spec:
        "a module with a common signature for images has it as \"default\" too",
        "consumers that name no signature ask for \"default\"",
        "add the same inputs and outputs as the signature \"default\"";
    G03 Warning [] Spec:
        "the size of images is known, by the shape or the attachment image_module_info, and these agree",
        "hub.get_expected_image_size fails or misleads",
        "call attach_image_module_info with the size that the module was trained for";
    G04 Warning [] Spec:
        "further outputs of signatures for images are called after the architecture, as \"InceptionV3/Mixed_5b\"",
        "consumers tell them from outputs of other models by that",
        "put the name of the architecture and a slash before the key";
    G05 Warning [] Spec:
        "a default signature that takes one string vector takes any number of texts, and gives float32 [?, n]",
        "hub.text_embedding_column refuses other modules",
        "take `placeholder::<ByteString>((None,))`, and give \"default\" a known size";
    G06 Warning [] Spec:
        "the batch size of an input is not fixed",
        "consumers feed batches of any size",
        "take None for the first dimension";
    G07 Warning [] Spec:
        "a BERT-like encoder takes input_ids, input_mask and segment_ids, int32 [?, ?], gives pooled_output and sequence_output, and has tokenization_info with its vocabulary as an asset",
        "programs for BERT rely on it",
        "follow the signatures of the BERT family";
    G08 Info [] Spec:
        "the further inputs of a signature ..._with_bn_hparams are float32 scalars",
        "programs for such signatures feed numbers",
        "make each a placeholder_with_default of shape ()";
    G09 Info [] Spec:
        "no op takes channels first",
        "TensorFlow computes such convolutions, pooling and fused batch normalization on GPUs only",
        "take the data format channels_last";
    A01 Error [Asset] Spec:
        "an asset is a file that can be read, under a name that is good on all systems",
        "the module cannot be unpacked or copied where the name is reserved or two names are one",
        "rename the file";
    A02 Error [] Spec:
        "a path from which tables are filled or files are read is that of an asset",
        "the file is not there where the module is used",
        "make the path with asset";
    A03 Warning [] Spec:
        "no constant, attribute or attachment holds a path of the machine that made the module",
        "it tells names of people and places to all who have the module",
        "take an asset, or give the table a shared_name";
    A04 Warning [] Spec:
        "every asset is used, none is empty, and no two are equal",
        "each consumer loads it, to no use",
        "remove it, or use one for both";
    A05 Error [] Spec:
        "a vocabulary has a line for each entry, in the form that its table expects, and the embedding has a row for each",
        "the table's initializer fails in the consumer's session, or words have no row or that of others",
        "correct the file, the vocab_size or the number of rows";
    A06 Warning [Attachment] Spec:
        "an attachment has at most 4 KiB",
        "attachments are read with the graph each time; larger data belongs into an asset",
        "make it an asset";
    X01 Warning [] Export:
        "no exported value is a random initial value",
        "an untrained module is seldom meant",
        "assign or restore the variable before the export";
    X02 Warning [] Export:
        "an export removes all that it replaces",
        "the files take room on the disk",
        "remove them";
}
