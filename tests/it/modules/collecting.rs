//! Collections and updates of variables.

use tfhub::GraphBuilder;
use tfhub::graph::keys;
use tfhub::ops::math::{self, Axes};
use tfhub::ops::{array, nn};

use super::Module;

pub(super) fn modules() -> Vec<Module> {
    vec![
        Module::new("collections_", collections).seed(3),
        Module::new("assign_update", |g| assign_update(g, false))
            .variant(["train"], |g| assign_update(g, true)),
        Module::new("assigned_values", assigned_values),
        Module::new("updates_in_contexts", updates_in_contexts),
    ]
}

fn collections(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let v = g.get_variable("v").shape([2]).finish();
    let w = g
        .get_variable("w")
        .shape([2])
        .collections([keys::VARIABLES, keys::MODEL_VARIABLES])
        .finish();
    g.add_to_collection(keys::MODEL_VARIABLES, v);
    let y = x * v + w;
    let half_of_squares = nn::l2_loss(v);
    let loss = g.named("loss", || 0.25 * half_of_squares);
    g.add_to_collection(keys::REGULARIZATION_LOSSES, loss);
    let fixed_loss = g.named("fixed_loss", || g.constant(0.125f32));
    g.add_to_collection(keys::REGULARIZATION_LOSSES, fixed_loss);
    let update_tensor = g.named("update_tensor", || array::identity(y));
    let update_op = g.named("update_op", || g.group([update_tensor]));
    g.add_to_collection(keys::UPDATE_OPS, update_tensor);
    g.add_to_collection(keys::UPDATE_OPS, update_op);
    g.signature("default").input("x", x).output("default", y);
}

fn assign_update(g: &GraphBuilder, training: bool) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let mean = g
        .get_variable("mean")
        .initial_value([0.5f32, 1.5])
        .trainable(false)
        .finish();
    let last = g
        .get_variable("last")
        .initial_value([0.0f32, 0.0])
        .trainable(false)
        .finish();
    let steps = g
        .get_variable("steps")
        .initial_value(0)
        .trainable(false)
        .finish();
    if training {
        let batch_mean = math::reduce_mean(x, 0);
        let updates = [
            mean.assign_sub((mean - batch_mean) * 0.125).operation(),
            last.assign(batch_mean).operation(),
            steps.assign_add(1).operation(),
            mean.assign_add(batch_mean * 0.0).operation(),
            steps.assign_sub_op(0),
        ];
        for update in updates {
            g.add_to_collection(keys::UPDATE_OPS, update);
        }
    }
    let y = g.named("y", || math::subtract(x, mean));
    g.signature("default")
        .input("x", x)
        .output("default", y)
        .output("last", array::identity(last))
        .output("steps", array::identity(steps));
}

/// The assigned values are those that the variables have, so that evaluating outputs does not change the module.
fn assigned_values(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 3)));
    let source = g
        .get_variable("source")
        .initial_value([1.0f32, 2.0, 3.0])
        .finish();
    let target = g
        .get_variable("target")
        .initial_value([1.0f32, 2.0, 3.0])
        .trainable(false)
        .finish();
    let count = g
        .get_variable("count")
        .initial_value(5)
        .trainable(false)
        .finish();
    let assigned = target.assign(source);
    let counted = g.named("counted", || count.assign_add(0));
    let taken = count.assign_sub(0);
    g.add_to_collection(keys::UPDATE_OPS, assigned);
    g.add_to_collection(keys::UPDATE_OPS, counted);
    g.signature("default")
        .input("x", x)
        .output("default", x * source)
        .output("identity", array::identity(assigned))
        .output("named", g.named("named", || array::identity(assigned)))
        .output("value", assigned.value())
        .output("value_again", assigned.value())
        .output("sum", math::add(assigned, source))
        .output("total", math::reduce_sum(assigned, Axes::ALL))
        .output("softmax", nn::softmax(assigned, -1))
        .output("counted", array::identity(counted))
        .output("taken", array::identity(taken));
}

fn updates_in_contexts(g: &GraphBuilder) {
    let x = g.named("x", || g.placeholder::<f32>((None, 2)));
    let barrier = g.named("barrier", || array::identity(x));
    let v = g.get_variable("v").initial_value([0.5f32, 1.5]).finish();
    let (update, after) = g.control_dependencies([barrier], || {
        (v.assign_add([0.25f32, 0.5]), array::identity(v))
    });
    let later = g.control_dependencies([update], || v.assign_sub_op([0.125f32, 0.125]));
    let copied = g.name_scope("moving", || {
        g.device("/cpu:0", || {
            let value = v.read_value() * 1.0;
            g.named("copy", || v.assign(value))
        })
    });
    let scaled = g.colocate_with(v, || v.assign(v * 0.5));
    for update in [
        update.operation(),
        later,
        copied.operation(),
        scaled.operation(),
    ] {
        g.add_to_collection(keys::UPDATE_OPS, update);
    }
    g.signature("default")
        .input("x", x)
        .output("default", x * v)
        .output("after", after);
}
