"""Classic mistakes of hw4_bptt."""

import numpy as np

from autograder.course.catalogue import another, classic
from solutions.hw4_bptt.solution import (
    bptt,
    hidden_recurrence,
    sequence_loss,
    sequence_loss_gradient,
    single_output,
    softmax,
    step_backward,
)

# --- numerical_gradient -----------------------------------------------------------------

NUMERICAL_FORMULA = "test_each_entry_is_moved_up_and_down_while_the_others_stay"
NUMERICAL_AXES = "test_x_may_have_any_number_of_axes_and_stays_as_it_was"
NUMERICAL_EPS = "test_eps_is_half_the_distance_between_the_two_points"
NUMERICAL_ALL = (NUMERICAL_FORMULA, NUMERICAL_AXES, NUMERICAL_EPS)


@classic(
    "numerical_gradient",
    "one-sided difference, forward",
    "With the usual eps, only the first four or five digits are right. A one-sided difference "
    "keeps an error of about eps/2 f''; the two points of the central difference lie on both sides "
    'of x, so that this term cancels. "First a tool: the gradient by differences" compares the '
    "two.",
    fails=NUMERICAL_ALL,
)
def numerical_gradient_forward_difference(f, x, eps=1e-5):
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = eps
        gradient[index] = (f(x + step) - f(x)) / eps
    return gradient


@classic(
    "numerical_gradient",
    "one-sided difference, backward",
    "With the usual eps, only the first four or five digits are right. A one-sided difference "
    "keeps an error of about eps/2 f'', whichever side it takes; where x lies in the middle of the "
    'two points, this term cancels. "First a tool: the gradient by differences" compares the two.',
    fails=NUMERICAL_ALL,
)
def numerical_gradient_backward_difference(f, x, eps=1e-5):
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = eps
        gradient[index] = (f(x) - f(x - step)) / eps
    return gradient


@classic(
    "numerical_gradient",
    "divided by eps instead of 2 eps",
    "All entries are twice as large as they should be. The two points of the central "
    "difference are 2 eps apart, and a slope is the difference of the values over the "
    "distance of the points.",
    fails=NUMERICAL_ALL,
)
def numerical_gradient_divided_by_eps(f, x, eps=1e-5):
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = eps
        gradient[index] = (f(x + step) - f(x - step)) / eps
    return gradient


@classic(
    "numerical_gradient",
    "one of the two points is x itself",
    "All entries are about half as large as they should be: only one of the two points was moved, "
    "and the difference was divided by 2 eps all the same. x lies in the middle of the two points. "
    "Print what f is called with, both times.",
    fails=NUMERICAL_ALL,
)
def numerical_gradient_half_a_difference(f, x, eps=1e-5):
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = eps
        gradient[index] = (f(x + step) - f(x)) / (2 * eps)
    return gradient


@another(numerical_gradient_half_a_difference)
def numerical_gradient_other_half_of_a_difference(f, x, eps=1e-5):
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = eps
        gradient[index] = (f(x) - f(x - step)) / (2 * eps)
    return gradient


@classic(
    "numerical_gradient",
    "divided by 2, then multiplied by eps",
    "All entries are far too small, by the factor eps^2. Look at how your divisor is written: in "
    "which order does Python do / and *?",
    fails=NUMERICAL_ALL,
)
def numerical_gradient_order_of_operations(f, x, eps=1e-5):
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = eps
        gradient[index] = (f(x + step) - f(x - step)) / 2 * eps
    return gradient


@classic(
    "numerical_gradient",
    "eps taken for the whole distance",
    "With a small eps the result is nearly right; with a large one it is closer to the derivative "
    "than the formula is. Each of the two points lies eps away from x, so they are 2 eps apart. "
    "Here they are eps apart.",
    fails=(NUMERICAL_EPS,),
)
def numerical_gradient_eps_is_the_whole_distance(f, x, eps=1e-5):
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = eps / 2
        gradient[index] = (f(x + step) - f(x - step)) / eps
    return gradient


@classic(
    "numerical_gradient",
    "argument eps ignored",
    "With the usual eps all is right; with any other the result stays as it was. The distance "
    "of the points has to follow the argument.",
    fails=(NUMERICAL_EPS,),
)
def numerical_gradient_eps_ignored(f, x, eps=1e-5):
    gradient = np.empty(x.shape)
    eps = 1e-5
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = eps
        gradient[index] = (f(x + step) - f(x - step)) / (2 * eps)
    return gradient


@classic(
    "numerical_gradient",
    "points exchanged",
    "All entries have the wrong sign. The value at x - eps e_i is subtracted from the value "
    "at x + eps e_i, and not the other way round: where f grows, its derivative is positive.",
    fails=NUMERICAL_ALL,
)
def numerical_gradient_wrong_sign(f, x, eps=1e-5):
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = eps
        gradient[index] = (f(x - step) - f(x + step)) / (2 * eps)
    return gradient


@classic(
    "numerical_gradient",
    "all entries moved at once",
    "All entries of the result are the same: nearly the sum of all partial derivatives. For entry "
    "i only x_i may move, since e_i is 1 in one place and 0 elsewhere.",
    fails=NUMERICAL_ALL,
)
def numerical_gradient_all_entries_moved(f, x, eps=1e-5):
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[:] = eps
        gradient[index] = (f(x + step) - f(x - step)) / (2 * eps)
    return gradient


@classic(
    "numerical_gradient",
    "earlier entries stay moved",
    "The first entry is right, and each further one is nearly the sum of itself and those before "
    "it. All entries that were visited earlier are still moved when the next one is tried. Each "
    "entry starts from x alone: look at where the array that is moved, or the move itself, is "
    "made.",
    fails=NUMERICAL_ALL,
)
def numerical_gradient_moves_pile_up(f, x, eps=1e-5):
    gradient = np.empty(x.shape)
    step = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step[index] = eps
        gradient[index] = (f(x + step) - f(x - step)) / (2 * eps)
    return gradient


@classic(
    "numerical_gradient",
    "both points are the same array",
    "The gradient is zero everywhere. For example, `plus = x` makes no copy: plus, minus and x are "
    "then three names for one array, and what was moved up is moved down again before f sees it.",
    fails=NUMERICAL_ALL,
)
def numerical_gradient_two_names_for_x(f, x, eps=1e-5):
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        plus, minus = x, x
        plus[index] += eps
        minus[index] -= eps
        gradient[index] = (f(plus) - f(minus)) / (2 * eps)
    return gradient


@classic(
    "numerical_gradient",
    "x not put back after an entry",
    "The argument x has changed after the call: each entry was left eps away from its old value, "
    "and the later entries of the gradient were taken at the moved x, so they are a little wrong. "
    "Each entry starts from x as it was given.",
    fails=(NUMERICAL_FORMULA, NUMERICAL_AXES),
)
def numerical_gradient_x_not_put_back(f, x, eps=1e-5):
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += eps
        above = f(x)
        x[index] -= 2 * eps
        below = f(x)
        gradient[index] = (above - below) / (2 * eps)
    return gradient


@classic(
    "numerical_gradient",
    "x put back by adding eps again",
    "The gradient is right, but some entries of x have changed in their last digits: to add eps, "
    "subtract 2 eps and add eps again, for example, does not quite give the old number, because "
    "each sum is rounded. Keep the old value, or leave x alone.",
    fails=(NUMERICAL_AXES,),
)
def numerical_gradient_x_put_back_by_adding(f, x, eps=1e-5):
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += eps
        above = f(x)
        x[index] -= 2 * eps
        below = f(x)
        x[index] += eps
        gradient[index] = (above - below) / (2 * eps)
    return gradient


@classic(
    "numerical_gradient",
    "entries of the first axis only",
    "For a vector all is right; where x has more axes, all entries of a row are the same. A whole "
    "row was moved at once. Every entry needs its own index, with one number for each axis.",
    fails=(NUMERICAL_AXES,),
)
def numerical_gradient_rows_only(f, x, eps=1e-5):
    gradient = np.empty(x.shape)
    for index in range(len(x)):
        step = np.zeros(x.shape)
        step[index] = eps
        gradient[index] = (f(x + step) - f(x - step)) / (2 * eps)
    return gradient


@classic(
    "numerical_gradient",
    "result left flat",
    "The numbers are right, but the gradient of an array with several axes came back as a "
    "vector. It should have the shape of x, so that the two can be compared entry by entry.",
    fails=(NUMERICAL_AXES,),
)
def numerical_gradient_flat_result(f, x, eps=1e-5):
    gradient = np.empty(x.size)
    for i, step in enumerate(eps * np.eye(x.size)):
        step = step.reshape(x.shape)
        gradient[i] = (f(x + step) - f(x - step)) / (2 * eps)
    return gradient


# --- step_backward ----------------------------------------------------------------------

STEP_STATE = "test_the_state_before_gets_its_gradient_through_the_tanh_and_the_weights"
STEP_INPUT = "test_the_input_gets_its_gradient_in_batches_of_one_sequence_or_more"
STEP_PARAMS = "test_the_gradients_of_the_parameters_add_up_over_the_batch"
STEP_SATURATED = "test_saturated_units_pass_nothing_on"
STEP_BATCH = "test_sequences_of_a_batch_do_not_mix_and_arguments_stay_as_they_were"
STEP_ALL = (STEP_STATE, STEP_INPUT, STEP_PARAMS, STEP_SATURATED, STEP_BATCH)
STEP_STATE_ONLY = (STEP_STATE, STEP_SATURATED, STEP_BATCH)
STEP_INPUT_ONLY = (STEP_INPUT, STEP_SATURATED, STEP_BATCH)
STEP_PARAMS_ONLY = (STEP_PARAMS, STEP_SATURATED, STEP_BATCH)


@classic(
    "step_backward",
    "derivative of tanh taken as 1 - h",
    "All results are wrong, most of all where states are negative. There 1 - h is above 1, "
    'and tanh is nowhere as steep as that; h and -h have the same slope. "From the outputs to '
    'the states" has the derivative.',
    fails=STEP_ALL,
)
def step_backward_derivative_1_minus_h(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "derivative of tanh taken at h_prev",
    "All results are wrong. The gradient goes back through the tanh that made h_t from a_t, "
    "so the derivative belongs to the state after the step, and here that of the state before "
    'was used. Compare the indices with those of delta_t in "One step back".',
    fails=STEP_ALL,
)
def step_backward_derivative_of_previous_state(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_prev**2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "derivative of tanh taken of tanh(h)",
    "All results are wrong, as a rule too large. h_t is a tanh already, h_t = tanh(a_t), and here "
    'another tanh was taken before the square. Put the formula in "From the outputs to the states" '
    "next to your line and see what it wants of h.",
    fails=STEP_ALL,
)
def step_backward_derivative_of_tanh_of_h(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - np.tanh(h_t) ** 2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "derivative of tanh left out",
    "All results are wrong, as a rule too large, as if the state were a_t itself; saturated "
    "units pass the gradient on as strongly as any other. The gradient passes the tanh first: "
    'see delta_t in "One step back".',
    fails=STEP_ALL,
)
def step_backward_derivative_left_out(dh, x_t, h_prev, h_t, params):
    da = dh
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "divided by the derivative of tanh",
    "All results are wrong, as a rule far too large, and infinite or NaN where units are fully "
    "saturated. The gradient was divided by 1 - h^2, which is the slope of the inverse function, "
    "of a against h. Going back through h = tanh(a) takes the slope of h against a.",
    fails=STEP_ALL,
)
def step_backward_derivative_divided(dh, x_t, h_prev, h_t, params):
    da = dh / (1 - h_t**2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "derivative of tanh applied twice",
    "All results are wrong, as a rule too small, and saturated units are right. The gradient "
    "passes the tanh of this step once on its way back. Count the places where your code "
    "multiplies by the derivative.",
    fails=STEP_ALL,
)
def step_backward_derivative_twice(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2) ** 2
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "derivative of tanh taken as 1 - a^2",
    "All results are wrong, in places even in sign, for 1 - a^2 is negative as soon as a is larger "
    "than 1 in size. tanh' = 1 - tanh^2 holds the value of tanh, and not its argument. Which of a "
    "and h is that value?",
    fails=STEP_ALL,
)
def step_backward_derivative_1_minus_a_squared(dh, x_t, h_prev, h_t, params):
    a = params["b"] + h_prev @ params["W"].T + x_t @ params["U"].T
    da = dh * (1 - a**2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "derivative of the sigmoid, h (1 - h)",
    "All results are wrong, and the gradient changes its sign at units whose state is "
    "negative. h (1 - h) is the derivative of the logistic sigmoid, and the states of this "
    'network come from a tanh. "From the outputs to the states" has its derivative.',
    fails=STEP_ALL,
)
def step_backward_derivative_of_the_sigmoid(dh, x_t, h_prev, h_t, params):
    da = dh * h_t * (1 - h_t)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "derivative of tanh taken as 1 + h^2",
    "All results are wrong: saturated units, which should pass next to nothing on, pass on "
    "twice what they get. Look at the sign in the derivative of tanh: the curve is steepest "
    "at zero, where the derivative is 1.",
    fails=STEP_ALL,
)
def step_backward_derivative_1_plus_h_squared(dh, x_t, h_prev, h_t, params):
    da = dh * (1 + h_t**2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "W for W^T",
    "Only dh_prev is wrong. On the way back the gradient has to meet the transpose of what "
    'the state met on the way forward, and since W is square, no shape complains. "One step '
    'back" says what becomes of W^T when sequences are rows; dx_t, where no other shape fits, '
    "has it right.",
    fails=STEP_STATE_ONLY,
)
def step_backward_w_for_its_transpose(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], da @ params["W"].T, grads


@classic(
    "step_backward",
    "W^T first, the derivative of tanh afterwards",
    "Only dh_prev is wrong. Forward, the state meets W first and tanh afterwards; on the way "
    "back the order is reversed. Read the first term of (10.21) from right to left: what "
    "comes first multiplies the gradient first.",
    fails=STEP_STATE_ONLY,
)
def step_backward_w_before_derivative(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], (dh @ params["W"]) * (1 - h_t**2), grads


@another(step_backward_w_before_derivative)
def step_backward_w_before_derivative_of_h_prev(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], (dh @ params["W"]) * (1 - h_prev**2), grads


@classic(
    "step_backward",
    "dh_prev without the derivative of tanh",
    "Only dh_prev is wrong: it is W^T times the gradient at h_t. Between the two states lies "
    "a tanh, and what W^T multiplies is the gradient at a_t. In (10.21) the first term has "
    "three factors.",
    fails=STEP_STATE_ONLY,
)
def step_backward_dh_prev_without_derivative(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], dh @ params["W"], grads


@classic(
    "step_backward",
    "dh itself added to dh_prev",
    "Only dh_prev is wrong: it is too large by dh. The state before reaches h_t through W and "
    "the tanh alone; no edge of the graph leads past them.",
    fails=STEP_STATE_ONLY,
)
def step_backward_dh_prev_with_dh_added(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], dh + da @ params["W"], grads


@classic(
    "step_backward",
    "dx_t without the derivative of tanh",
    "Only dx_t is wrong: it is U^T times the gradient at h_t. The input goes into a_t, so the "
    "gradient passes the tanh before it meets U^T, just as on the way to h_prev.",
    fails=STEP_INPUT_ONLY,
)
def step_backward_dx_without_derivative(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return dh @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "dU, dW and db without the derivative of tanh",
    "dx_t and dh_prev are right, dU, dW and db are not: they were made from the gradient at "
    "h_t. U, W and b go into a_t, so their parts hold delta_t, the gradient behind the tanh, "
    "as do the other two.",
    fails=STEP_PARAMS_ONLY,
)
def step_backward_params_without_derivative(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": dh.T @ x_t, "W": dh.T @ h_prev, "b": dh.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "db without the derivative of tanh",
    "Only db is wrong: it is the sum of dh. b goes into a_t, as U x_t does, so its gradient "
    "is that at a_t and not that at h_t.",
    fails=STEP_PARAMS_ONLY,
)
def step_backward_db_without_derivative(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": dh.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "h_t for h_prev in dW",
    "Only dW is wrong. W multiplies the state from before the step, so that state is the "
    "factor in delta_t h_{t-1}^T, yet the state after the step was used.",
    fails=STEP_PARAMS_ONLY,
)
def step_backward_h_t_for_h_prev(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_t, "b": da.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "dW transposed",
    "Only dW is wrong: it is the transpose of what it should be, and since W is square, no "
    "shape complains. Row i of W belongs to the unit i that receives, so row i of dW does "
    'too. "One step back" has the outer product in the right order.',
    fails=STEP_PARAMS_ONLY,
)
def step_backward_dw_transposed(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": da.T @ x_t, "W": h_prev.T @ da, "b": da.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "dU transposed",
    "dU has the shape (D, H) where (H, D) is asked for. Each gradient has the shape of its "
    'parameter: the unit of delta_t comes first, the input second. "One step back" has the '
    "outer product in the right order.",
    fails=STEP_PARAMS_ONLY,
)
def step_backward_du_transposed(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": x_t.T @ da, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "db averaged over the batch",
    "Only db is wrong: it is too small by the factor N. All sequences share b, so their parts "
    "are added up; the 1/N of the loss is in dh already.",
    fails=STEP_PARAMS_ONLY,
)
def step_backward_db_averaged(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.mean(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "dU, dW and db averaged over the batch",
    "dU, dW and db are too small by the factor N; dx_t and dh_prev are right. All sequences "
    "share the parameters, so their parts are added up; the 1/N of the loss is in dh already.",
    fails=STEP_PARAMS_ONLY,
)
def step_backward_params_averaged(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": da.T @ x_t / len(dh), "W": da.T @ h_prev / len(dh), "b": da.mean(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "db not summed over the batch",
    "db has the shape (N, H) where (H,) is asked for: it still holds one row for each "
    "sequence. The sequences share b, so their parts are added up.",
    fails=STEP_PARAMS_ONLY,
)
def step_backward_db_not_summed(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "db summed over the wrong axis",
    "db holds one number for each sequence. Every unit has a b of its own, and the sequences "
    "share it, so the axis that has to go is that of the batch.",
    fails=STEP_PARAMS_ONLY,
)
def step_backward_db_summed_over_the_units(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=1)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "parameters' gradients from the first sequence only",
    "dx_t and dh_prev are right, dU, dW and db hold the part of sequence 0 alone; with a "
    "batch of one nothing is amiss. The sequences share the parameters, so their parts are "
    "added up.",
    fails=STEP_PARAMS_ONLY,
)
def step_backward_only_the_first_sequence(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": np.outer(da[0], x_t[0]), "W": np.outer(da[0], h_prev[0]), "b": da[0]}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "gradient summed over the batch too early",
    "With a batch of one all is right; in a larger one every sequence has the same dx_t and "
    "dh_prev, because delta_t was summed over the batch at once. Each sequence has a gradient "
    "of its own. Only the parameters, which they share, get a sum.",
    fails=(STEP_STATE, STEP_INPUT, STEP_SATURATED, STEP_BATCH),
)
def step_backward_batch_mixed(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    da = np.broadcast_to(da.sum(axis=0), da.shape)
    return da @ params["U"], da @ params["W"], grads


@another(step_backward_batch_mixed, fails=STEP_ALL)
def step_backward_one_delta_for_all(dh, x_t, h_prev, h_t, params):
    delta = (dh * (1 - h_t**2)).sum(axis=0)
    da = np.tile(delta, (len(dh), 1))
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": delta}
    return da @ params["U"], da @ params["W"], grads


@another(step_backward_batch_mixed, fails=STEP_ALL)
def step_backward_sum_in_every_row(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    da = np.broadcast_to(da.sum(axis=0), da.shape)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads


@classic(
    "step_backward",
    "dx_t and dh_prev exchanged",
    "The first result has the shape of h_prev and the second that of x_t. They "
    "came back in the wrong order; the docstring tells the right order.",
    fails=(STEP_STATE, STEP_INPUT, STEP_SATURATED, STEP_BATCH),
)
def step_backward_results_exchanged(dh, x_t, h_prev, h_t, params):
    da = dh * (1 - h_t**2)
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["W"], da @ params["U"], grads


@classic(
    "step_backward",
    "dh multiplied in place",
    "The results of the call are right, but the argument dh has changed: *=, for example, writes "
    "into the caller's array. The gradient at a_t needs an array of its own.",
    fails=(STEP_BATCH,),
)
def step_backward_dh_changed(dh, x_t, h_prev, h_t, params):
    da = dh
    da *= 1 - h_t**2
    grads = {"U": da.T @ x_t, "W": da.T @ h_prev, "b": da.sum(axis=0)}
    return da @ params["U"], da @ params["W"], grads


# --- bptt -------------------------------------------------------------------------------

BPTT_LOSS = "test_the_loss_is_summed_over_time_and_averaged_over_the_batch"
BPTT_OUTPUT = "test_the_output_layer_gets_a_gradient_from_every_step"
BPTT_RECURRENT = "test_the_recurrent_layer_gets_a_gradient_from_every_step"
BPTT_INPUTS = "test_the_inputs_and_the_initial_state_get_their_gradients"
BPTT_SINGLES = "test_one_step_is_a_sequence_and_one_sequence_is_a_batch"
BPTT_LABELS = "test_a_label_is_felt_at_its_own_step_and_before_but_never_after"
BPTT_MOVE = "test_a_small_move_of_everything_changes_the_loss_as_the_gradients_say"
BPTT_UNCHANGED = "test_arguments_stay_as_they_were_and_a_second_call_agrees"
BPTT_ALL = (
    BPTT_LOSS,
    BPTT_OUTPUT,
    BPTT_RECURRENT,
    BPTT_INPUTS,
    BPTT_SINGLES,
    BPTT_LABELS,
    BPTT_MOVE,
    BPTT_UNCHANGED,
)
BPTT_ALL_BUT_LOSS = (
    BPTT_OUTPUT,
    BPTT_RECURRENT,
    BPTT_INPUTS,
    BPTT_SINGLES,
    BPTT_LABELS,
    BPTT_MOVE,
    BPTT_UNCHANGED,
)
BPTT_ON_THE_WAY_BACK = (
    BPTT_RECURRENT,
    BPTT_INPUTS,
    BPTT_SINGLES,
    BPTT_LABELS,
    BPTT_MOVE,
    BPTT_UNCHANGED,
)
BPTT_RECURRENT_ONLY = (BPTT_RECURRENT, BPTT_SINGLES, BPTT_MOVE, BPTT_UNCHANGED)
BPTT_OUTPUT_ONLY = (BPTT_OUTPUT, BPTT_SINGLES, BPTT_MOVE, BPTT_UNCHANGED)
BPTT_INPUTS_ONLY = (BPTT_INPUTS, BPTT_SINGLES, BPTT_LABELS, BPTT_MOVE, BPTT_UNCHANGED)
BPTT_LOSS_ONLY = (BPTT_LOSS, BPTT_SINGLES, BPTT_UNCHANGED)


@classic(
    "bptt",
    "derivative of tanh taken as 1 - h",
    "The loss, dV and dc are right; all that comes through the tanh is wrong, most of all "
    "where states are negative. There 1 - h is above 1, and tanh is nowhere as steep as that; "
    'h and -h have the same slope. "From the outputs to the states" has the derivative.',
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_derivative_1_minus_h(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t])
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "derivative of tanh taken at h_{t-1}",
    "The loss, dV and dc are right; all that comes through the tanh is wrong, from the last "
    "step on. The gradient that has arrived at h_t goes back through the tanh that made h_t, "
    "so the derivative belongs to this state and not to the one before. Compare the indices "
    'with those of delta_t in "One step back".',
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_derivative_of_previous_state(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h_prev[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "derivative of tanh taken of tanh(h)",
    "The loss, dV and dc are right; all that comes through the tanh is wrong, as a rule too large. "
    "A state is a tanh already, h_t = tanh(a_t), and here another tanh was taken before the "
    'square. Put the formula in "From the outputs to the states" next to your line and see what it '
    "wants of h.",
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_derivative_of_tanh_of_h(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - np.tanh(h[t]) ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "derivative of tanh left out",
    "The loss, dV and dc are right; all that should come through the tanh is wrong, as a rule "
    "too large, as if the state were a_t itself. Each entry of the gradient at h_t is "
    "multiplied by the slope of tanh there before anything else uses it: that is delta_t in "
    '"One step back".',
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_derivative_left_out(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "divided by the derivative of tanh",
    "The loss, dV and dc are right; all that comes through the tanh is far too large as a rule, "
    "and huge, infinite or NaN where units are saturated. The gradient was divided by 1 - h^2, "
    "which is the slope of the inverse function, of a against h. Going back through h = tanh(a) "
    "takes the slope of h against a.",
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_derivative_divided(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh / (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "derivative of tanh applied twice",
    "The loss, dV and dc are right; what comes through the tanh is wrong, as a rule too small. "
    "Between two states lies one tanh, and the gradient passes it once. If you call "
    "`step_backward`, look at what it expects: the gradient at h_t, before the tanh is passed.",
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_derivative_twice(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = (dh + do[t] @ params["V"]) * (1 - h[t] ** 2)
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@another(bptt_derivative_twice)
def bptt_derivative_twice_in_the_recurrent_term(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = (da[t] @ params["W"]) * (1 - h_prev[t] ** 2)
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "derivative of tanh taken as 1 - a^2",
    "The loss, dV and dc are right; all that comes through the tanh is wrong, in places even in "
    "sign, for 1 - a^2 is negative as soon as a is larger than 1 in size. tanh' = 1 - tanh^2 holds "
    "the value of tanh, and not its argument. Which of a and h is that value?",
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_derivative_1_minus_a_squared(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    a = params["b"] + h_prev @ params["W"].T + x @ params["U"].T
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - a[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "derivative of the sigmoid, h (1 - h)",
    "The loss, dV and dc are right; all that comes through the tanh is wrong, and the "
    "gradient changes its sign at units whose state is negative. h (1 - h) is the derivative "
    'of the logistic sigmoid, and the states of this network come from a tanh. "From the '
    'outputs to the states" has its derivative.',
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_derivative_of_the_sigmoid(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * h[t] * (1 - h[t])
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "recurrent term with W for W^T",
    "dx is right at the last step and wrong at every step before it; dh0 is wrong, too. On the way "
    "back through the recurrence the gradient has to meet the transpose of what the state met on "
    'the way forward, and since W is square, no shape complains. "One step back" says what becomes '
    "of W^T when sequences are rows.",
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_w_for_its_transpose(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"].T
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "W^T first, the derivative of tanh afterwards",
    "dx is right at the last step and wrong at every step before it; dh0 is wrong, too. Forward, "
    "the state meets W first and tanh afterwards; on the way back the order is reversed. Read the "
    "first term of (10.21) from right to left: what comes first multiplies the gradient first.",
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_w_before_derivative(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = (dh @ params["W"]) * (1 - h[t] ** 2)
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@another(bptt_w_before_derivative)
def bptt_w_before_derivative_of_h_prev(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = (dh @ params["W"]) * (1 - h_prev[t] ** 2)
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "recurrent term dropped",
    "dx is right at the last step and wrong at every step before it; dV and dc are right. "
    "Each state got the share of its own output only, the second term of (10.21). h_{t+1} is "
    "a successor of h_t too, and its share has to be carried from step to step.",
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_recurrent_term_dropped(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@another(bptt_recurrent_term_dropped)
def bptt_nothing_goes_back(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": np.zeros(h0.shape),
    }


@classic(
    "bptt",
    "gradient at h_t kept beside what goes back",
    "dx is right at the last step and wrong at every step before it; dV and dc are right. What a "
    "state sends back is W^T delta_t alone; here the gradient at the state itself, or what came "
    "back from later ones, went on with it, past W and the tanh. The only way from h_t to h_{t-1} "
    "leads through both.",
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_dh_carried_on(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = dh + da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@another(bptt_dh_carried_on)
def bptt_what_goes_back_piles_up(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        da[t] = (do[t] @ params["V"] + dh) * (1 - h[t] ** 2)
        dh = dh + da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "share of the output added after the step back",
    "dx is zero at the last step and wrong before it; dV and dc are right. The share of o_t came "
    "in when the gradient had left h_t already, so h_{t-1} got it, without W and the tanh between. "
    "In (10.21) both terms belong to the same state, and only their sum goes back.",
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_output_share_too_late(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"] + do[t] @ params["V"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "recurrent term without the derivative of tanh",
    "dx is right at the last step; before it errors build up with each step back, and dh0 is "
    "wrong, too. What was carried on is W^T times the gradient at h_{t+1}, but between the two "
    "states lies a tanh. In (10.21) the first term has three factors.",
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_recurrent_term_without_derivative(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = dh @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@another(bptt_recurrent_term_without_derivative)
def bptt_recurrent_term_without_derivative_but_to_h0(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = dh @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": da[0] @ params["W"],
    }


@classic(
    "bptt",
    "derivative of step t in the recurrent term",
    "dx is right at the last step and wrong at every step before it; dh0 is wrong, too. In the "
    "first term of (10.21) the derivative belongs to step t + 1, the one from which the gradient "
    "comes back, and here that of step t was taken. Which tanh lies between h_t and h_{t+1}?",
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_recurrent_term_with_derivative_of_step_t(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o, y)
    dh = do @ params["V"]
    for t in range(T - 2, -1, -1):
        dh[t] += (dh[t + 1] * (1 - h[t] ** 2)) @ params["W"]
    da = dh * (1 - h**2)
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": (dh[0] * (1 - h0**2)) @ params["W"],
    }


@another(bptt_recurrent_term_with_derivative_of_step_t)
def bptt_derivative_of_step_t_but_not_to_h0(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o, y)
    dh = do @ params["V"]
    for t in range(T - 2, -1, -1):
        dh[t] += (dh[t + 1] * (1 - h[t] ** 2)) @ params["W"]
    da = dh * (1 - h**2)
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": da[0] @ params["W"],
    }


@classic(
    "bptt",
    "loss only at the last step",
    "The loss is too small, and the gradients are those of the last output alone. In pattern 1 "
    "every step has a label, L is the sum of all L_t, and every state gets a share from its own "
    "output, which is the second term of (10.21).",
    fails=BPTT_ALL,
)
def bptt_loss_at_the_last_step(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    da, dh = np.empty(h.shape), np.zeros(h0.shape)
    do = np.zeros(o.shape)
    do[-1:] = sequence_loss_gradient(o[-1:], y[-1:])
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[-1:], y[-1:]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "only the last output sends a gradient to its state",
    "dx is right at the last step and wrong at every step before it; dV and dc are right. "
    "Only h_T got a share from its output, and the other states live on what comes back from "
    "there. In (10.21) every h_t adds a share of its own o_t to what the step after sends.",
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_outputs_before_the_last_one_ignored(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = do[-1] @ params["V"]
    for t in reversed(range(T)):
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@classic(
    "bptt",
    "gradients of U, W and b overwritten at each step",
    "dU, dW and db hold the part of a single step, the one visited last; everything else is "
    'right. The same U, W and b are used at all steps, and "All steps: why there is a sum '
    'over time" tells what that means for their gradients.',
    fails=BPTT_RECURRENT_ONLY,
)
def bptt_parameters_overwritten(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] = step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@classic(
    "bptt",
    "h_t for h_{t-1} in dW",
    "Only dW is wrong. W multiplies the state from before the step, so that state is the "
    "factor in (10.26), yet the state after the step was used. Look at the indices of the "
    "outer product, and at what belongs to the first step.",
    fails=BPTT_RECURRENT_ONLY,
)
def bptt_h_t_for_h_prev(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "first step left out of dW",
    "Only dW is wrong. The sum in (10.26) begins with t = 1, and the state before the first "
    "step is h_0: it is an argument, and it is not zero here. Look at what stands for the "
    "state before the step when the loop has come to the first one.",
    fails=BPTT_RECURRENT_ONLY,
)
def bptt_h0_left_out_of_dw(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([np.zeros((1, *h0.shape)), h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "h[-1] for h0 at the first step",
    "Only dW is wrong. At t = 0 the index t - 1 is -1, and numpy takes that for the last "
    "state of the sequence instead of complaining. The state before the first step has a name "
    "of its own.",
    fails=BPTT_RECURRENT_ONLY,
)
def bptt_last_state_for_h0(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1]
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@classic(
    "bptt",
    "loop from the first step to the last",
    "The loss, dV and dc are right, and so is all else where T = 1. In a longer sequence each "
    "state got its gradient from the steps before it instead of those after it. Gradients go "
    "against the arrows of the graph, so a step can be done only when all the steps that "
    "follow it are done.",
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_loop_forward_in_time(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in range(T):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@classic(
    "bptt",
    "loop ends before the first step",
    "dx is right but for the first step, where it is zero; dU, dW and db lack the part of that "
    "step, and dh0 is wrong, because the gradient has not gone back through it. Is step 0 among "
    "those that the loop visits? Count its turns for T = 1.",
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_first_step_left_out(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in range(T - 1, 0, -1):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@another(bptt_first_step_left_out)
def bptt_first_step_left_out_and_no_dh0(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.zeros(h.shape), np.zeros(h0.shape)
    for t in range(T - 1, 0, -1):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": da[0] @ params["W"],
    }


@classic(
    "bptt",
    "loop begins one step too early",
    "dx is zero at the last step and wrong before it; dV and dc are right. The way back "
    "starts at h_T, which has a gradient from its own output (10.19). The last step has the "
    "index T - 1; is it among those that the loop visits?",
    fails=BPTT_ON_THE_WAY_BACK,
)
def bptt_last_step_left_out(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(T - 1)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@classic(
    "bptt",
    "dh0 not taken back through the first step",
    "Only dh0 is wrong: it is the gradient at h_1, the state after the first step. Between "
    "h_0 and h_1 lies a step as between any other two states, so its tanh and its W are still "
    'to be passed. See the end of "All steps: why there is a sum over time".',
    fails=BPTT_INPUTS_ONLY,
)
def bptt_dh0_is_that_of_h1(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh_t, dh = dh, da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh_t,
    }


@classic(
    "bptt",
    "dh0 without W^T",
    "Only dh0 is wrong: it is delta_1, the gradient at a_1. The way from a_1 back to h_0 "
    'leads through W, as it does between any other two steps. See the end of "All steps: why '
    'there is a sum over time".',
    fails=BPTT_INPUTS_ONLY,
)
def bptt_dh0_is_delta_1(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": da[0],
    }


@classic(
    "bptt",
    "initial state taken for a constant",
    "Only dh0 is wrong: it is zero. The initial state is used, by the first step, so the loss "
    'depends on it; what the first step sends back to it is its gradient. See the end of "All '
    'steps: why there is a sum over time".',
    fails=BPTT_INPUTS_ONLY,
)
def bptt_dh0_zero(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": np.zeros(h0.shape),
    }


@classic(
    "bptt",
    "dV from the last step only",
    "Only dV is wrong. V turns every state into an output, so each step adds its part, as "
    "(10.24) says; here only the part of the last step was kept.",
    fails=BPTT_OUTPUT_ONLY,
)
def bptt_dv_of_the_last_step(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do[-1].T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "h_{t-1} for h_t in dV",
    "Only dV is wrong. o_t = c + V h_t is made of the state of the same step, and so is its "
    "part of (10.24); here the state before was used, as if for W.",
    fails=BPTT_OUTPUT_ONLY,
)
def bptt_dv_with_previous_state(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h_prev),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@another(bptt_dv_with_previous_state)
def bptt_dv_with_previous_state_but_h0(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do[1:], h[:-1]),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@another(bptt_dv_with_previous_state)
def bptt_dv_with_rolled_states(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, np.roll(h, 1, axis=0)),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "dc from the last step only",
    "Only dc is wrong. c is added at every step, so its gradient is the sum in (10.22); here "
    "only the last step's part was kept.",
    fails=BPTT_OUTPUT_ONLY,
)
def bptt_dc_of_the_last_step(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do[-1].sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "dc averaged over time and batch",
    "Only dc is wrong: it is too small by the factor T N. Shared parameters get sums, over "
    "the steps and over the sequences (10.22). The one average of the loss, over the batch, "
    "is in the gradient of the outputs already.",
    fails=BPTT_OUTPUT_ONLY,
)
def bptt_dc_averaged(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.mean(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "db averaged over the batch",
    'Only db is wrong: it is too small by the factor N. "From the loss to the outputs" says '
    "where the 1/N of the loss has gone; the sequences share b, and their parts are added up.",
    fails=BPTT_RECURRENT_ONLY,
)
def bptt_db_averaged_over_the_batch(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.mean(axis=1).sum(axis=0),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "dU, dW and db averaged over the batch",
    "dU, dW and db are too small by the factor N; everything else is right. The 1/N of the "
    'loss is in the gradient of the outputs already, as "From the loss to the outputs" says, '
    "and no other is needed: over the batch, the parts of the sequences are added up.",
    fails=BPTT_RECURRENT_ONLY,
)
def bptt_du_and_dw_averaged_over_the_batch(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name] / len(h0)
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@classic(
    "bptt",
    "dW transposed",
    "Only dW is wrong: it is the transpose of what it should be, and since W is square, no "
    "shape complains. Row i of W belongs to the unit i that receives, so row i of dW does "
    'too. "One step back" has the outer product in the right order.',
    fails=BPTT_RECURRENT_ONLY,
)
def bptt_dw_transposed(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ji", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "loss averaged over time",
    "The gradients are right and the loss is too small by the factor T. L is the sum of the "
    "losses of the steps; the mean is taken over the batch alone.",
    fails=BPTT_LOSS_ONLY,
)
def bptt_loss_averaged_over_time(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o, y) / T, grads


@classic(
    "bptt",
    "loss and gradients averaged over time",
    "The loss and all gradients are too small by the factor T: they are right for a mean over "
    "the steps. In this course L is the sum over time, and the mean is taken over the batch "
    "alone.",
    fails=BPTT_ALL,
)
def bptt_everything_averaged_over_time(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y) / len(x), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y) / len(x), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "gradients averaged over time, the loss summed",
    "The loss is right and all gradients are too small by the factor T. The loss is summed "
    "over time, so the gradient of each L_t has the weight 1 (10.17); the gradients are sums "
    "over the steps, and not means.",
    fails=BPTT_ALL_BUT_LOSS,
)
def bptt_gradients_averaged_over_time(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), {name: grad / T for name, grad in grads.items()}


@classic(
    "bptt",
    "loss summed over the batch",
    "The gradients are right and the loss is too large by the factor N. It is summed over "
    "time and averaged over the sequences of the batch.",
    fails=BPTT_LOSS_ONLY,
)
def bptt_loss_summed_over_the_batch(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return len(h0) * sequence_loss(o, y), grads


@classic(
    "bptt",
    "1/N missing in the gradients",
    "The loss is right and all gradients are too large by the factor N: yhat minus y is the "
    "gradient for one sequence. The loss is a mean over the batch, so the gradient of the outputs "
    "holds a 1/N. Compare with what sequence_loss_gradient returns.",
    fails=BPTT_ALL_BUT_LOSS,
)
def bptt_gradient_without_1_over_n(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = softmax(o), np.empty(h.shape), np.zeros(h0.shape)
    do -= np.eye(o.shape[-1])[y]
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "1/N twice in the gradients",
    "The loss is right and all gradients are too small by the factor N. "
    "sequence_loss_gradient holds the 1/N of the mean over the batch already, and everything "
    "else is linear in it, so no other 1/N is needed.",
    fails=BPTT_ALL_BUT_LOSS,
)
def bptt_gradient_with_1_over_n_twice(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y) / len(h0)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@classic(
    "bptt",
    "labels left out of the gradient at the outputs",
    "The loss is right and all gradients are wrong; they do not even depend on the labels. "
    "The gradient at o_t is the softmax minus 1 at the label's place (10.18), and the second "
    "part is missing.",
    fails=BPTT_ALL_BUT_LOSS,
)
def bptt_gradient_without_minus_y(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = softmax(o) / len(h0), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "y minus yhat for yhat minus y",
    "The loss is right and all gradients have the wrong sign: a step against them would make "
    "the loss larger. L_t holds -o_t at the label's place, and the signs of (10.18) follow "
    "from that.",
    fails=BPTT_ALL_BUT_LOSS,
)
def bptt_gradient_with_the_wrong_sign(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = -sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "softmax taken before the loss and its gradient",
    "The loss is wrong, and so are all gradients. sequence_loss and sequence_loss_gradient "
    "take the outputs o and do the softmax themselves; they were handed probabilities, and "
    "took the softmax a second time.",
    fails=BPTT_ALL,
)
def bptt_softmax_twice(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    o = softmax(o)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@classic(
    "bptt",
    "sequence started from zero",
    "The loss and all gradients are wrong, and the loss does not depend on h0 at all. The "
    "forward pass starts from the state h0 that is given, which need not be zero.",
    fails=BPTT_ALL,
)
def bptt_h0_ignored(x, h0, y, params):
    T = len(x)
    h0 = np.zeros(h0.shape)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@another(bptt_h0_ignored)
def bptt_h0_ignored_on_the_way_forward(x, h0, y, params):
    h, o = hidden_recurrence(x, np.zeros(h0.shape), params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "dx in the order of the loop",
    "Only dx is wrong: it runs from the last step to the first. The loop goes backwards, and so "
    "does what is collected on its way; dx[t] has to belong to x[t].",
    fails=BPTT_INPUTS_ONLY,
)
def bptt_dx_in_the_order_of_the_loop(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    dx = []
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        dx_t, dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        dx.append(dx_t)
        for name in step:
            grads[name] += step[name]
    grads["x"], grads["h0"] = np.array(dx), dh
    return sequence_loss(o, y), grads


@classic(
    "bptt",
    "dx from the output of its own step only",
    "Only dx is wrong, at all steps but the last. An input changes the state of its step, and "
    "through it all later outputs as well. The delta_t that goes into dx_t has to be the "
    "complete one, which the parameters got here.",
    fails=BPTT_INPUTS_ONLY,
)
def bptt_dx_of_its_own_output(x, h0, y, params):
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.empty(h.shape), np.zeros(h0.shape)
    for t in reversed(range(len(x))):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": (do @ params["V"] * (1 - h**2)) @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt",
    "dx written into the argument x",
    "The results of the call are right, but the input x is gone, and a second call starts from "
    "other inputs. For example, `grads['x'] = x` makes a second name for the array of the caller, "
    "and no copy. Make an array of your own for dx.",
    fails=(BPTT_UNCHANGED,),
)
def bptt_x_overwritten(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = x
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@classic(
    "bptt",
    "h0 used as the buffer of the gradient",
    "The caller's h0 has changed after the call, and dW is wrong because of it. For example, `dh = "
    "h0` makes a second name for the same array, so what is done to dh in place is done to h0, "
    "which is needed again at the first step. Start the gradient in an array of your own.",
    fails=BPTT_RECURRENT_ONLY,
)
def bptt_h0_used_as_buffer(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = h0
    dh[:] = 0
    for t in reversed(range(T)):
        dh += do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@another(bptt_h0_used_as_buffer)
def bptt_h0_filled_with_the_gradient(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = h0
    dh[:] = 0
    for t in reversed(range(T)):
        dh += do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh[:], step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@classic(
    "bptt",
    "parameters updated on the way",
    "The results of the call are right, but params has changed: a step of gradient descent "
    "was taken in place. bptt computes gradients and leaves their use to the caller.",
    fails=(BPTT_UNCHANGED,),
)
def bptt_parameters_updated(x, h0, y, params):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    for name in params:
        params[name] -= 0.1 * grads[name]
    return sequence_loss(o, y), grads


# --- bptt_single_output -----------------------------------------------------------------

SINGLE_LOSS = "test_the_loss_is_that_of_the_last_output_averaged_over_the_batch"
SINGLE_PARAMS = "test_all_steps_add_to_the_recurrent_layer_and_the_last_to_the_output_layer"
SINGLE_INPUTS = "test_the_gradient_reaches_the_first_input_and_the_initial_state"
SINGLE_SINGLES = "test_a_single_step_or_a_single_sequence_will_do"
SINGLE_LABELS = "test_a_label_is_felt_by_its_own_sequence_only"
SINGLE_ALL = (SINGLE_LOSS, SINGLE_PARAMS, SINGLE_INPUTS, SINGLE_SINGLES, SINGLE_LABELS)
SINGLE_ALL_BUT_LOSS = (SINGLE_PARAMS, SINGLE_INPUTS, SINGLE_SINGLES, SINGLE_LABELS)
SINGLE_PARAMS_ONLY = (SINGLE_PARAMS, SINGLE_SINGLES)
SINGLE_LOSS_ONLY = (SINGLE_LOSS, SINGLE_SINGLES)


@classic(
    "bptt_single_output",
    "an output and a loss at every step, as in pattern 1",
    "The loss is too large, and of the gradients only dx at the last step is right: every "
    "state was given an output and the label. In pattern 3 the last state alone has an "
    "output, so there is one loss, and V and c are used once. Compare the two drawings.",
    fails=SINGLE_ALL,
)
def bptt_single_output_label_at_every_step(x, h0, y, params):
    return bptt(x, h0, np.tile(y, (len(x), 1)), params)


@classic(
    "bptt_single_output",
    "share of the output added at every step",
    "dx is right at the last step and wrong before it; the loss, dV and dc are right. The "
    "gradient of the output was added again on each step back, as in pattern 1. Here o hangs "
    'on h_T alone, and an earlier state has a single successor: "One output at the end" has '
    "both equations.",
    fails=SINGLE_ALL_BUT_LOSS,
)
def bptt_single_output_output_share_at_every_step(x, h0, y, params):
    T = len(x)
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do.T @ h[-1]
    grads["c"] = do.sum(axis=0)
    grads["x"] = np.zeros(x.shape)
    dh = do @ params["V"]
    for t in reversed(range(T)):
        if t < T - 1:
            dh = dh + do @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o[np.newaxis], y[np.newaxis]), grads


@classic(
    "bptt_single_output",
    "only the last step gone back",
    "The loss, dV and dc are right, and so is dx at the last step; before it dx is zero, and "
    "dU, dW and db lack the parts of all earlier steps. There is only one loss, but its "
    "gradient travels back through all the states to h_0.",
    fails=SINGLE_ALL_BUT_LOSS,
)
def bptt_single_output_last_step_only(x, h0, y, params):
    T = len(x)
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do.T @ h[-1]
    grads["c"] = do.sum(axis=0)
    grads["x"] = np.zeros(x.shape)
    dh = do @ params["V"]
    for t in [T - 1]:
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o[np.newaxis], y[np.newaxis]), grads


@another(bptt_single_output_last_step_only)
def bptt_single_output_last_step_only_and_no_dh0(x, h0, y, params):
    T = len(x)
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da = (do @ params["V"]) * (1 - h[-1] ** 2)
    dx = np.zeros(x.shape)
    dx[T - 1] = da @ params["U"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": da.T @ x[-1],
        "W": da.T @ h_prev[-1],
        "V": do.T @ h[-1],
        "b": da.sum(axis=0),
        "c": do.sum(axis=0),
        "x": dx,
        "h0": np.zeros(h0.shape),
    }


@classic(
    "bptt_single_output",
    "loop ends before the first step",
    "dx is right but for the first step, where it is zero; dU, dW and db lack the part of that "
    "step, and dh0 is wrong, because the gradient has not gone back through it. Is step 0 among "
    "those that the loop visits? Count its turns for T = 1.",
    fails=SINGLE_ALL_BUT_LOSS,
)
def bptt_single_output_first_step_left_out(x, h0, y, params):
    T = len(x)
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do.T @ h[-1]
    grads["c"] = do.sum(axis=0)
    grads["x"] = np.zeros(x.shape)
    dh = do @ params["V"]
    for t in range(T - 1, 0, -1):
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o[np.newaxis], y[np.newaxis]), grads


@another(bptt_single_output_first_step_left_out)
def bptt_single_output_first_step_left_out_and_no_dh0(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.zeros(h.shape), do @ params["V"]
    for t in range(len(x) - 1, 0, -1):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": da[0] @ params["W"],
    }


@classic(
    "bptt_single_output",
    "loop from the first step to the last",
    "The loss, dV and dc are right, and so is all else where T = 1. In a longer sequence the "
    "gradient of the output was given to h_1 and sent on from there. It belongs to h_T, and "
    "goes back from the last step to the first.",
    fails=SINGLE_ALL_BUT_LOSS,
)
def bptt_single_output_loop_forward_in_time(x, h0, y, params):
    T = len(x)
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do.T @ h[-1]
    grads["c"] = do.sum(axis=0)
    grads["x"] = np.zeros(x.shape)
    dh = do @ params["V"]
    for t in range(T):
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o[np.newaxis], y[np.newaxis]), grads


@classic(
    "bptt_single_output",
    "gradients of U, W and b overwritten at each step",
    "dU, dW and db hold the part of the first step only, the one visited last; everything "
    "else is right. There is one output, but U, W and b are used at all steps, so their sums "
    "over time stay.",
    fails=SINGLE_PARAMS_ONLY,
)
def bptt_single_output_parameters_overwritten(x, h0, y, params):
    T = len(x)
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do.T @ h[-1]
    grads["c"] = do.sum(axis=0)
    grads["x"] = np.zeros(x.shape)
    dh = do @ params["V"]
    for t in reversed(range(T)):
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] = step[name]
    grads["h0"] = dh
    return sequence_loss(o[np.newaxis], y[np.newaxis]), grads


@classic(
    "bptt_single_output",
    "h[-1] for h0 at the first step",
    "Only dW is wrong. At t = 0 the index t - 1 is -1, and numpy takes that for the last "
    "state of the sequence instead of complaining. The state before the first step has a name "
    "of its own.",
    fails=SINGLE_PARAMS_ONLY,
)
def bptt_single_output_last_state_for_h0(x, h0, y, params):
    T = len(x)
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do.T @ h[-1]
    grads["c"] = do.sum(axis=0)
    grads["x"] = np.zeros(x.shape)
    dh = do @ params["V"]
    for t in reversed(range(T)):
        h_prev = h[t - 1]
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o[np.newaxis], y[np.newaxis]), grads


@classic(
    "bptt_single_output",
    "h_t for h_{t-1} in dW",
    "Only dW is wrong. W multiplies the state from before the step, so that state is the "
    "factor in (10.26), yet the state after the step was used.",
    fails=SINGLE_PARAMS_ONLY,
)
def bptt_single_output_h_t_for_h_prev(x, h0, y, params):
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt_single_output",
    "derivative of tanh taken as 1 - h",
    "The loss, dV and dc are right; all that comes through the tanh is wrong, most of all "
    "where states are negative. There 1 - h is above 1, and tanh is nowhere as steep as that; "
    "h and -h have the same slope.",
    fails=SINGLE_ALL_BUT_LOSS,
)
def bptt_single_output_derivative_1_minus_h(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t])
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt_single_output",
    "derivative of tanh left out",
    "The loss, dV and dc are right; all that should come through the tanh is wrong, as a rule "
    "too large, as if each state were a_t itself. At every step back the gradient passes the "
    'tanh first: see delta_t in "One step back".',
    fails=SINGLE_ALL_BUT_LOSS,
)
def bptt_single_output_derivative_left_out(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt_single_output",
    "derivative of tanh applied twice",
    "The loss, dV and dc are right; what comes through the tanh is wrong, as a rule too small. "
    "Between two states lies one tanh, and the gradient passes it once. If you call "
    "`step_backward`, look at what it expects: the gradient at h_t, before the tanh is passed.",
    fails=SINGLE_ALL_BUT_LOSS,
)
def bptt_single_output_derivative_twice(x, h0, y, params):
    T = len(x)
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do.T @ h[-1]
    grads["c"] = do.sum(axis=0)
    grads["x"] = np.zeros(x.shape)
    dh = do @ params["V"]
    for t in reversed(range(T)):
        h_prev = h[t - 1] if t > 0 else h0
        dh = dh * (1 - h[t] ** 2)
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o[np.newaxis], y[np.newaxis]), grads


@another(bptt_single_output_derivative_twice)
def bptt_single_output_derivative_twice_at_the_output(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), (do @ params["V"]) * (1 - h[-1] ** 2)
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@another(bptt_single_output_derivative_twice)
def bptt_single_output_derivative_twice_in_the_recurrent_term(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = (da[t] @ params["W"]) * (1 - h_prev[t] ** 2)
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt_single_output",
    "recurrent term with W for W^T",
    "dx is right at the last step and wrong at every step before it; dh0 is wrong, too. On the way "
    "back through the recurrence the gradient has to meet the transpose of what the state met on "
    "the way forward, and since W is square, no shape complains.",
    fails=SINGLE_ALL_BUT_LOSS,
)
def bptt_single_output_w_for_its_transpose(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"].T
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt_single_output",
    "recurrent term without the derivative of tanh",
    "dx is right at the last step; before it errors build up with each step back, and dh0 is "
    "wrong, too. What was carried on is W^T times the gradient at h_{t+1}, but between the two "
    'states lies a tanh. In "One output at the end" the step back has three factors.',
    fails=SINGLE_ALL_BUT_LOSS,
)
def bptt_single_output_recurrent_term_without_derivative(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = dh @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@another(bptt_single_output_recurrent_term_without_derivative)
def bptt_single_output_without_derivative_but_to_h0(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = dh @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": da[0] @ params["W"],
    }


@classic(
    "bptt_single_output",
    "W^T first, the derivative of tanh afterwards",
    "dx is right at the last step and wrong at every step before it; dh0 is wrong, too. On the way "
    "back the order of the forward pass is reversed: the gradient passes the tanh first. Read the "
    'product in "One output at the end" from right to left.',
    fails=SINGLE_ALL_BUT_LOSS,
)
def bptt_single_output_w_before_derivative(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = (dh @ params["W"]) * (1 - h[t] ** 2)
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@another(bptt_single_output_w_before_derivative)
def bptt_single_output_w_before_derivative_of_h_prev(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = (dh @ params["W"]) * (1 - h_prev[t] ** 2)
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt_single_output",
    "dV with the sum of all states",
    "Only dV is wrong. V makes the output of the last state alone, so no other state has a "
    "part in its gradient. The sums over time are those of U, W and b.",
    fails=SINGLE_PARAMS_ONLY,
)
def bptt_single_output_dv_with_all_states(x, h0, y, params):
    T = len(x)
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do.T @ h.sum(axis=0)
    grads["c"] = do.sum(axis=0)
    grads["x"] = np.zeros(x.shape)
    dh = do @ params["V"]
    for t in reversed(range(T)):
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o[np.newaxis], y[np.newaxis]), grads


@classic(
    "bptt_single_output",
    "dh0 not taken back through the first step",
    "Only dh0 is wrong: it is the gradient at h_1, the state after the first step. Between "
    "h_0 and h_1 lies a step as between any other two states, so its tanh and its W are still "
    "to be passed.",
    fails=(SINGLE_INPUTS, SINGLE_SINGLES),
)
def bptt_single_output_dh0_is_that_of_h1(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        dh_t = dh
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh_t,
    }


@classic(
    "bptt_single_output",
    "initial state taken for a constant",
    "Only dh0 is wrong: it is zero. The initial state is used, by the first step, so the loss "
    "depends on it; what the first step sends back to it is its gradient.",
    fails=(SINGLE_INPUTS, SINGLE_SINGLES),
)
def bptt_single_output_dh0_zero(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": np.zeros(h0.shape),
    }


@classic(
    "bptt_single_output",
    "1/N missing in the gradients",
    "The loss is right and all gradients are too large by the factor N: yhat minus y is the "
    "gradient for one sequence. The loss is a mean over the batch, so the gradient of the output "
    "holds a 1/N. Compare with what sequence_loss_gradient returns.",
    fails=SINGLE_ALL_BUT_LOSS,
)
def bptt_single_output_gradient_without_1_over_n(x, h0, y, params):
    T = len(x)
    h, o = single_output(x, h0, params)
    do = softmax(o) - np.eye(o.shape[1])[y]
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do.T @ h[-1]
    grads["c"] = do.sum(axis=0)
    grads["x"] = np.zeros(x.shape)
    dh = do @ params["V"]
    for t in reversed(range(T)):
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o[np.newaxis], y[np.newaxis]), grads


@classic(
    "bptt_single_output",
    "gradients divided by T",
    "The loss is right and all gradients are too small by the factor T. There is a single "
    "loss, at the last step, and no mean over time anywhere.",
    fails=SINGLE_ALL_BUT_LOSS,
)
def bptt_single_output_gradient_averaged_over_time(x, h0, y, params):
    T = len(x)
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0] / T
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do.T @ h[-1]
    grads["c"] = do.sum(axis=0)
    grads["x"] = np.zeros(x.shape)
    dh = do @ params["V"]
    for t in reversed(range(T)):
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o[np.newaxis], y[np.newaxis]), grads


@classic(
    "bptt_single_output",
    "loss summed over the batch",
    "The gradients are right and the loss is too large by the factor N. It is the mean over "
    "the sequences of the batch.",
    fails=SINGLE_LOSS_ONLY,
)
def bptt_single_output_loss_summed_over_the_batch(x, h0, y, params):
    T = len(x)
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do.T @ h[-1]
    grads["c"] = do.sum(axis=0)
    grads["x"] = np.zeros(x.shape)
    dh = do @ params["V"]
    for t in reversed(range(T)):
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return len(y) * sequence_loss(o[np.newaxis], y[np.newaxis]), grads


@classic(
    "bptt_single_output",
    "loss divided by T",
    "The gradients are right and the loss is too small by the factor T. There is a single "
    "loss for each sequence, and the mean is over the batch alone.",
    fails=SINGLE_LOSS_ONLY,
)
def bptt_single_output_loss_averaged_over_time(x, h0, y, params):
    T = len(x)
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do.T @ h[-1]
    grads["c"] = do.sum(axis=0)
    grads["x"] = np.zeros(x.shape)
    dh = do @ params["V"]
    for t in reversed(range(T)):
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o[np.newaxis], y[np.newaxis]) / T, grads


@classic(
    "bptt_single_output",
    "batch taken for the time axis",
    "The loss and all gradients are too large by the factor N. The new axis was put behind "
    "the batch, so sequence_loss saw one sequence of N steps, summed over them and averaged "
    "over one. Its arguments are time-major: time comes first.",
    fails=SINGLE_ALL,
)
def bptt_single_output_batch_taken_for_time(x, h0, y, params):
    T = len(x)
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[:, np.newaxis], y[:, np.newaxis])[:, 0]
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do.T @ h[-1]
    grads["c"] = do.sum(axis=0)
    grads["x"] = np.zeros(x.shape)
    dh = do @ params["V"]
    for t in reversed(range(T)):
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o[:, np.newaxis], y[:, np.newaxis]), grads


@classic(
    "bptt_single_output",
    "sequence started from zero",
    "The loss and all gradients are wrong, and the loss does not depend on h0 at all. The "
    "forward pass starts from the state h0 that is given, which need not be zero.",
    fails=SINGLE_ALL,
)
def bptt_single_output_h0_ignored(x, h0, y, params):
    T = len(x)
    h0 = np.zeros(h0.shape)
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do.T @ h[-1]
    grads["c"] = do.sum(axis=0)
    grads["x"] = np.zeros(x.shape)
    dh = do @ params["V"]
    for t in reversed(range(T)):
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o[np.newaxis], y[np.newaxis]), grads


@another(bptt_single_output_h0_ignored)
def bptt_single_output_h0_ignored_on_the_way_forward(x, h0, y, params):
    h, o = single_output(x, np.zeros(h0.shape), params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt_single_output",
    "dx written into the argument x",
    "The results of the call are right, but the input x is gone. For example, `grads['x'] = x` "
    "makes a second name for the array of the caller, and no copy. Make an array of your own for "
    "dx.",
    fails=(SINGLE_SINGLES,),
)
def bptt_single_output_x_overwritten(x, h0, y, params):
    T = len(x)
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do.T @ h[-1]
    grads["c"] = do.sum(axis=0)
    grads["x"] = x
    dh = do @ params["V"]
    for t in reversed(range(T)):
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o[np.newaxis], y[np.newaxis]), grads


@classic(
    "bptt_single_output",
    "dx in the order of the loop",
    "Only dx is wrong: it runs from the last step to the first. The loop goes backwards, and so "
    "does what is collected on its way; dx[t] has to belong to x[t].",
    fails=(SINGLE_INPUTS, SINGLE_SINGLES, SINGLE_LABELS),
)
def bptt_single_output_dx_in_the_order_of_the_loop(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da[::-1] @ params["U"],
        "h0": dh,
    }


@classic(
    "bptt_single_output",
    "gradient averaged over the batch",
    "With one sequence all is right; in a larger batch every label is felt by all sequences, "
    "because the gradient of the output was replaced by its mean over the batch (dc alone may stay "
    "right). Each sequence has a label and a gradient of its own; only the parameters, which they "
    "share, get a sum.",
    fails=SINGLE_ALL_BUT_LOSS,
)
def bptt_single_output_batch_mixed(x, h0, y, params):
    T = len(x)
    h, o = single_output(x, h0, params)
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    do = np.broadcast_to(do.mean(axis=0), do.shape)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = do.T @ h[-1]
    grads["c"] = do.sum(axis=0)
    grads["x"] = np.zeros(x.shape)
    dh = do @ params["V"]
    for t in reversed(range(T)):
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o[np.newaxis], y[np.newaxis]), grads


@another(bptt_single_output_batch_mixed)
def bptt_single_output_mean_in_every_row(x, h0, y, params):
    h, o = single_output(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o[np.newaxis], y[np.newaxis])[0]
    do = np.broadcast_to(do.sum(axis=0), do.shape)
    da, dh = np.empty(h.shape), do @ params["V"]
    for t in reversed(range(len(x))):
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o[np.newaxis], y[np.newaxis]), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": do.T @ h[-1],
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=0),
        "x": da @ params["U"],
        "h0": dh,
    }


# --- truncated_bptt ---------------------------------------------------------------------

TRUNCATED_LOSS = "test_the_state_is_carried_over_so_the_loss_is_that_of_the_whole_sequence"
TRUNCATED_WINDOWS = "test_every_window_adds_its_gradients_the_short_last_one_too"
TRUNCATED_BORDER = "test_no_gradient_crosses_the_border_of_a_window"
TRUNCATED_SIZES = "test_windows_may_hold_one_step_or_all_steps_or_more"
TRUNCATED_ALL = (TRUNCATED_LOSS, TRUNCATED_WINDOWS, TRUNCATED_BORDER, TRUNCATED_SIZES)
TRUNCATED_ALL_BUT_LOSS = (TRUNCATED_WINDOWS, TRUNCATED_BORDER, TRUNCATED_SIZES)


@classic(
    "truncated_bptt",
    "gradient not cut at the borders",
    "The loss is right, and so are the gradients where k is not smaller than T; otherwise they are "
    "those of bptt. Nothing stops the gradient between two windows: from the first step of a "
    'window none passes to the step before. "Cutting in time: truncated BPTT" says what is carried '
    "over and what is not.",
    fails=TRUNCATED_ALL_BUT_LOSS,
)
def truncated_bptt_not_truncated(x, h0, y, params, k):
    return bptt(x, h0, y, params)


@classic(
    "truncated_bptt",
    "every window started from h0",
    "In the first window all is right; from the second one on the states are others, so the loss "
    "is wrong. Forward, truncation changes nothing: a window starts from the state in which the "
    "one before has ended.",
    fails=TRUNCATED_ALL,
)
def truncated_bptt_state_not_carried(x, h0, y, params, k):
    loss, windows = 0.0, []
    for start in range(0, len(x), k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], h0, y[window], params)
        loss += window_loss
        windows.append(grads)
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = windows[0]["h0"]
    return loss, total


@classic(
    "truncated_bptt",
    "later windows started from zero",
    "In the first window all is right; from the second one on the states are others, so the loss "
    "is wrong. At a border the gradient is cut, but the state is carried over, as if it were a "
    "constant.",
    fails=TRUNCATED_ALL,
)
def truncated_bptt_windows_start_from_zero(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        state = np.zeros(h0.shape)
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = windows[0]["h0"]
    return loss, total


@classic(
    "truncated_bptt",
    "carried state written into h0",
    "The results of the call are right, but the argument h0 has changed. For example, `state = h0` "
    "makes a second name for the caller's array, and then `state[:] = ...` writes into it. Give "
    "the carried state a new array, or the name a new value.",
    fails=(TRUNCATED_LOSS,),
)
def truncated_bptt_h0_overwritten(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state[:] = h[-1]
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = windows[0]["h0"]
    return loss, total


@classic(
    "truncated_bptt",
    "first state of a window carried over",
    "With windows of one step all is right; with longer ones the loss is wrong from the "
    "second window on. What the next window starts from is the state after the last step of "
    "this one.",
    fails=(TRUNCATED_LOSS, TRUNCATED_WINDOWS, TRUNCATED_BORDER),
)
def truncated_bptt_first_state_carried(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[0]
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = windows[0]["h0"]
    return loss, total


@classic(
    "truncated_bptt",
    "window started from its own first state",
    "In the first window all is right; from the second one on the states are others, so the loss "
    "is wrong. The window that begins at step m k reads x[m k] first, and starts from the state "
    "before it. Which step has given that state?",
    fails=TRUNCATED_ALL,
)
def truncated_bptt_start_one_state_late(x, h0, y, params, k):
    states, _ = hidden_recurrence(x, h0, params)
    loss, windows = 0.0, []
    for start in range(0, len(x), k):
        window = slice(start, start + k)
        state = states[start] if start > 0 else h0
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = windows[0]["h0"]
    return loss, total


@classic(
    "truncated_bptt",
    "short last window left out",
    "Where k divides T all is right; otherwise the steps that are left at the end are missing, in "
    "the loss and in the gradients, and dx is too short or ends with zeros. The last window may be "
    "shorter than k, and where k is larger than T it is the only one.",
    fails=TRUNCATED_ALL,
)
def truncated_bptt_last_window_dropped(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x) - k + 1, k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = windows[0]["h0"]
    return loss, total


@another(truncated_bptt_last_window_dropped)
def truncated_bptt_last_rows_left_at_zero(x, h0, y, params, k):
    loss, state = 0.0, h0
    total = {name: np.zeros(params[name].shape) for name in "UWVbc"}
    total["x"], total["h0"] = np.zeros(x.shape), np.zeros(h0.shape)
    for m in range(len(x) // k):
        window = slice(m * k, (m + 1) * k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        for name in "UWVbc":
            total[name] += grads[name]
        total["x"][window] = grads["x"]
        if m == 0:
            total["h0"] = grads["h0"]
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    return loss, total


@another(truncated_bptt_last_window_dropped)
def truncated_bptt_whole_windows_only(x, h0, y, params, k):
    loss, state = 0.0, h0
    total = {name: np.zeros(params[name].shape) for name in "UWVbc"}
    total["x"], total["h0"] = np.zeros(x[: len(x) // k * k].shape), np.zeros(h0.shape)
    for m in range(len(x) // k):
        window = slice(m * k, (m + 1) * k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        for name in "UWVbc":
            total[name] += grads[name]
        total["x"][window] = grads["x"]
        if m == 0:
            total["h0"] = grads["h0"]
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    return loss, total


@another(
    truncated_bptt_last_window_dropped, fails=(TRUNCATED_LOSS, TRUNCATED_WINDOWS, TRUNCATED_BORDER)
)
def truncated_bptt_at_least_one_window(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for start in range(0, max(len(x) - k, 0) + 1, k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = windows[0]["h0"]
    return loss, total


@classic(
    "truncated_bptt",
    "k taken for the number of windows",
    "The loss is right, the gradients are cut in the wrong places: there are k windows where "
    "windows of k steps are asked for. They begin at the steps 0, k, 2k, ...",
    fails=TRUNCATED_ALL_BUT_LOSS,
)
def truncated_bptt_k_windows(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for window in np.array_split(np.arange(len(x)), min(k, len(x))):
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = windows[0]["h0"]
    return loss, total


@another(truncated_bptt_k_windows, fails=(TRUNCATED_BORDER, TRUNCATED_SIZES))
def truncated_bptt_size_rounded_up(x, h0, y, params, k):
    size = -(-len(x) // k)
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), size):
        window = slice(start, start + size)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = windows[0]["h0"]
    return loss, total


@another(truncated_bptt_k_windows)
def truncated_bptt_size_rounded_down(x, h0, y, params, k):
    size = max(len(x) // k, 1)
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), size):
        window = slice(start, start + size)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = windows[0]["h0"]
    return loss, total


@classic(
    "truncated_bptt",
    "windows of k + 1 steps",
    "The loss is right, but each window is one step too long, so gradients are cut too late. A "
    "window that begins at step m k ends with step m k + k - 1. How many steps has your first "
    "window for k = 1?",
    fails=TRUNCATED_ALL_BUT_LOSS,
)
def truncated_bptt_border_one_step_late(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), k + 1):
        window = slice(start, start + k + 1)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = windows[0]["h0"]
    return loss, total


@classic(
    "truncated_bptt",
    "gradient cut one step too early",
    "The loss is right, but what step m k - 1, the last of a window, sends back is lost, and what "
    "step m k, the first of the next window, sends back is not. On the way back, the border comes "
    "after step m k and before step m k - 1.",
    fails=TRUNCATED_ALL_BUT_LOSS,
)
def truncated_bptt_cut_one_step_early(x, h0, y, params, k):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
        if (t + 1) % k == 0 and t > 0:
            dh = np.zeros(h0.shape)
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@another(truncated_bptt_cut_one_step_early)
def truncated_bptt_cut_one_step_early_even_at_step_0(x, h0, y, params, k):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
        if (t + 1) % k == 0:
            dh = np.zeros(h0.shape)
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@classic(
    "truncated_bptt",
    "gradient cut in front of the first step",
    "Only dh0 is wrong: it is zero. Step 0 is a multiple of k too, but no window lies before "
    "it; the gradient of the first window does reach the initial state.",
    fails=TRUNCATED_ALL_BUT_LOSS,
)
def truncated_bptt_h0_cut_as_well(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = np.zeros(h0.shape)
    return loss, total


@classic(
    "truncated_bptt",
    "windows counted from the end",
    "Where k divides T all is right; otherwise the short window came first. Windows begin at "
    "the steps 0, k, 2k, ..., and the last one is the short one.",
    fails=(TRUNCATED_WINDOWS, TRUNCATED_BORDER),
)
def truncated_bptt_windows_from_the_end(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    first = len(x) % k
    for stop in range(first or k, len(x) + 1, k):
        window = slice(max(0, stop - k), stop)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = windows[0]["h0"]
    return loss, total


@classic(
    "truncated_bptt",
    "gradient of every loss followed back over k steps",
    "The loss is right, but the gradients know no borders, and more comes back than should. Here "
    "the sequence is cut at fixed places, and a loss at the first step of a window goes back "
    "through that step only.",
    fails=(TRUNCATED_WINDOWS, TRUNCATED_BORDER),
)
def truncated_bptt_k_steps_from_every_loss(x, h0, y, params, k):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do = sequence_loss_gradient(o, y)
    da = np.zeros(h.shape)
    dh0 = np.zeros(h0.shape)
    for s in range(T):
        dh = do[s] @ params["V"]
        for t in range(s, max(-1, s - k), -1):
            delta = dh * (1 - h[t] ** 2)
            da[t] += delta
            dh = delta @ params["W"]
            if t == 0:
                dh0 += dh
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": dh0,
    }


@classic(
    "truncated_bptt",
    "only the last k steps gone back",
    "The loss is right, and so are dV and dc; the steps before the last k have no gradient at all. "
    "Truncation cuts the way back into windows of k steps, and each of them is gone through: no "
    "step is left out.",
    fails=TRUNCATED_ALL_BUT_LOSS,
)
def truncated_bptt_last_k_steps(x, h0, y, params, k):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    do = sequence_loss_gradient(o, y)
    grads = {name: np.zeros(params[name].shape) for name in "UWb"}
    grads["V"] = np.einsum("tnk,tni->ki", do, h)
    grads["c"] = do.sum(axis=(0, 1))
    grads["x"] = np.zeros(x.shape)
    dh = np.zeros(h0.shape)
    for t in reversed(range(max(T - k, 0), T)):
        dh = dh + do[t] @ params["V"]
        h_prev = h[t - 1] if t > 0 else h0
        grads["x"][t], dh, step = step_backward(dh, x[t], h_prev, h[t], params)
        for name in step:
            grads[name] += step[name]
    grads["h0"] = dh
    return sequence_loss(o, y), grads


@another(truncated_bptt_last_k_steps)
def truncated_bptt_last_k_steps_and_no_dh0(x, h0, y, params, k):
    T = len(x)
    h, o = hidden_recurrence(x, h0, params)
    h_prev = np.concatenate([h0[np.newaxis], h[:-1]])
    do, da, dh = sequence_loss_gradient(o, y), np.zeros(h.shape), np.zeros(h0.shape)
    for t in reversed(range(max(T - k, 0), T)):
        dh = dh + do[t] @ params["V"]
        da[t] = dh * (1 - h[t] ** 2)
        dh = da[t] @ params["W"]
    return sequence_loss(o, y), {
        "U": np.einsum("tni,tnd->id", da, x),
        "W": np.einsum("tni,tnj->ij", da, h_prev),
        "V": np.einsum("tnk,tni->ki", do, h),
        "b": da.sum(axis=(0, 1)),
        "c": do.sum(axis=(0, 1)),
        "x": da @ params["U"],
        "h0": da[0] @ params["W"],
    }


@classic(
    "truncated_bptt",
    "gradients of the last window only",
    "The loss is right; dU, dW, dV, db and dc lack the parts of the windows before (and dx and dh0 "
    "are wrong too, where they were taken from the last window). The windows share the parameters, "
    "so their gradients are added up.",
    fails=(TRUNCATED_WINDOWS, TRUNCATED_SIZES),
)
def truncated_bptt_last_window_only(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    total = {name: windows[-1][name] for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = windows[0]["h0"]
    return loss, total


@another(truncated_bptt_last_window_only, fails=TRUNCATED_ALL_BUT_LOSS)
def truncated_bptt_last_window_and_its_dh0(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    total = dict(windows[-1])
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    return loss, total


@another(truncated_bptt_last_window_only, fails=TRUNCATED_ALL_BUT_LOSS)
def truncated_bptt_all_from_the_last_window(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    return loss, windows[-1]


@classic(
    "truncated_bptt",
    "gradients averaged over the windows",
    "The loss and dx are right; the gradients of the parameters are too small by the number "
    "of windows. The loss is a sum over all steps, so the gradients of the windows are added "
    "up.",
    fails=(TRUNCATED_WINDOWS, TRUNCATED_SIZES),
)
def truncated_bptt_gradients_averaged_over_windows(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    total = {name: np.mean([grads[name] for grads in windows], axis=0) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = windows[0]["h0"]
    return loss, total


@classic(
    "truncated_bptt",
    "loss averaged over the windows",
    "The gradients are right; the loss is too small by the number of windows. It should be that of "
    "bptt, a sum over all steps.",
    fails=(TRUNCATED_LOSS, TRUNCATED_SIZES),
)
def truncated_bptt_loss_averaged_over_windows(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = windows[0]["h0"]
    return loss / len(windows), total


@classic(
    "truncated_bptt",
    "loss of the last window only",
    "The gradients are right; the loss lacks the terms of the windows before. It should be that of "
    "bptt, a sum over all steps.",
    fails=(TRUNCATED_LOSS, TRUNCATED_SIZES),
)
def truncated_bptt_loss_of_the_last_window(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss = window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = windows[0]["h0"]
    return loss, total


@classic(
    "truncated_bptt",
    "dh0 from the last window",
    "Only dh0 is wrong. A later window starts from a carried state, and what bptt returns "
    "under h0 is the gradient of that. The first window is the only one that sees h0.",
    fails=TRUNCATED_ALL_BUT_LOSS,
)
def truncated_bptt_h0_of_the_last_window(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = windows[-1]["h0"]
    return loss, total


@classic(
    "truncated_bptt",
    "dh0 summed over the windows",
    "Only dh0 is wrong. The parameters are shared by the windows, and get sums, but h0 is "
    "not: a later window starts from a carried state, and what bptt returns under h0 is the "
    "gradient of that.",
    fails=TRUNCATED_ALL_BUT_LOSS,
)
def truncated_bptt_h0_summed(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows])
    total["h0"] = sum(grads["h0"] for grads in windows)
    return loss, total


@classic(
    "truncated_bptt",
    "dx with the windows in reverse order",
    "Only dx is wrong: its windows stand in the reverse order. dx[t] has to belong to x[t], "
    "so the parts are put one after another from the first window to the last.",
    fails=TRUNCATED_ALL_BUT_LOSS,
)
def truncated_bptt_dx_of_windows_reversed(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = np.concatenate([grads["x"] for grads in windows[::-1]])
    total["h0"] = windows[0]["h0"]
    return loss, total


@classic(
    "truncated_bptt",
    "dx of the last window only",
    "dx is too short where there are several windows. It has one row for each step of x, so the "
    "parts of all windows are put one after another.",
    fails=TRUNCATED_ALL_BUT_LOSS,
)
def truncated_bptt_dx_of_the_last_window(x, h0, y, params, k):
    loss, windows, state = 0.0, [], h0
    for start in range(0, len(x), k):
        window = slice(start, start + k)
        window_loss, grads = bptt(x[window], state, y[window], params)
        loss += window_loss
        windows.append(grads)
        h, _ = hidden_recurrence(x[window], state, params)
        state = h[-1]
    total = {name: sum(grads[name] for grads in windows) for name in "UWVbc"}
    total["x"] = windows[-1]["x"]
    total["h0"] = windows[0]["h0"]
    return loss, total


# --- clip_gradients ---------------------------------------------------------------------

CLIP_LONG = "test_long_gradients_are_scaled_down_to_the_largest_norm"
CLIP_SHORT = "test_short_gradients_keep_their_values_and_so_do_the_arguments"
CLIP_NORM = "test_the_norm_is_that_of_all_arrays_together"
CLIP_ZERO = "test_gradients_of_zero_stay_zero"
CLIP_ALL = (CLIP_LONG, CLIP_SHORT, CLIP_NORM, CLIP_ZERO)
CLIP_LONGER = (CLIP_LONG, CLIP_NORM, CLIP_ZERO)


@classic(
    "clip_gradients",
    "each array clipped by its own norm",
    "No array is longer than max_norm, but all together may be, and the direction of the gradient "
    "has changed. The norm is that of all arrays together, as of one long vector, and there is one "
    "factor for all.",
    fails=CLIP_LONGER,
)
def clip_gradients_each_array_alone(grads, max_norm):
    clipped = {}
    for name, array in grads.items():
        norm = np.linalg.norm(array)
        clipped[name] = array * (max_norm / norm if norm > max_norm else 1.0)
    return clipped


@classic(
    "clip_gradients",
    "each entry clipped",
    "No entry is larger than max_norm, but the norm may be, and the direction of the gradient has "
    "changed: large entries were cut and small ones were not. Clipping the norm multiplies all "
    "entries by the same factor.",
    fails=CLIP_LONGER,
)
def clip_gradients_each_entry_alone(grads, max_norm):
    return {name: np.clip(array, -max_norm, max_norm) for name, array in grads.items()}


@classic(
    "clip_gradients",
    "short gradients lengthened",
    "Long gradients are right; short ones come back longer, with the norm max_norm, and gradients "
    "of zero may become NaN. Clipping only ever shortens: there is a minimum with 1 in the "
    "equation.",
    fails=(CLIP_SHORT, CLIP_ZERO),
)
def clip_gradients_always_scaled(grads, max_norm):
    norm = np.sqrt(sum(np.sum(array**2) for array in grads.values()))
    scale = max_norm / norm
    return {name: scale * array for name, array in grads.items()}


@another(clip_gradients_always_scaled, fails=(CLIP_SHORT,))
def clip_gradients_always_scaled_but_zero(grads, max_norm):
    norm = np.sqrt(sum(np.sum(array**2) for array in grads.values()))
    scale = max_norm / norm if norm > 0 else 1.0
    return {name: scale * array for name, array in grads.items()}


@classic(
    "clip_gradients",
    "scaled to the norm 1 instead of max_norm",
    "Long gradients come back with the norm 1, whatever max_norm is (and so do short ones, where "
    "the norm is not compared with anything). The factor has to bring the norm down to max_norm.",
    fails=(CLIP_LONG, CLIP_NORM),
)
def clip_gradients_normalised_to_one(grads, max_norm):
    norm = np.sqrt(sum(np.sum(array**2) for array in grads.values()))
    scale = 1.0 / norm if norm > max_norm else 1.0
    return {name: scale * array for name, array in grads.items()}


@another(clip_gradients_normalised_to_one, fails=CLIP_ALL)
def clip_gradients_always_normalised_to_one(grads, max_norm):
    norm = np.sqrt(sum(np.sum(array**2) for array in grads.values()))
    scale = 1.0 / norm
    return {name: scale * array for name, array in grads.items()}


@classic(
    "clip_gradients",
    "factor the wrong way round",
    "Long gradients come back even longer. A factor that shortens is smaller than 1: which of "
    "max_norm and the norm is the smaller one where there is something to clip?",
    fails=CLIP_LONGER,
)
def clip_gradients_factor_inverted(grads, max_norm):
    norm = np.sqrt(sum(np.sum(array**2) for array in grads.values()))
    scale = norm / max_norm if norm > max_norm else 1.0
    return {name: scale * array for name, array in grads.items()}


@classic(
    "clip_gradients",
    "long gradients kept, short ones changed",
    "Long gradients come back as long as they were, and short ones longer or even shorter. The "
    "factor is 1 just where it should be smaller: a maximum stands where the equation has the "
    "minimum, or the quotient beside the 1 is upside down. Work the factor out by hand for a norm "
    "of 40 and max_norm = 1.",
    fails=CLIP_ALL,
)
def clip_gradients_maximum_for_minimum(grads, max_norm):
    norm = np.sqrt(sum(np.sum(array**2) for array in grads.values()))
    scale = max(1.0, max_norm / norm) if norm > 0 else 1.0
    return {name: scale * array for name, array in grads.items()}


@another(clip_gradients_maximum_for_minimum)
def clip_gradients_maximum_even_of_infinity(grads, max_norm):
    norm = np.sqrt(sum(np.sum(array**2) for array in grads.values()))
    scale = max(1.0, max_norm / norm)
    return {name: scale * array for name, array in grads.items()}


@another(clip_gradients_maximum_for_minimum)
def clip_gradients_quotient_inverted(grads, max_norm):
    norm = np.sqrt(sum(np.sum(array**2) for array in grads.values()))
    scale = min(1.0, norm / max_norm)
    return {name: scale * array for name, array in grads.items()}


@classic(
    "clip_gradients",
    "norms of the arrays added up",
    "As a rule, long gradients come back too short. The norms of the parts do not add up to the "
    "norm of the whole: their squares do, as in Pythagoras' theorem.",
    fails=CLIP_ALL,
)
def clip_gradients_sum_of_norms(grads, max_norm):
    norm = sum(np.linalg.norm(array) for array in grads.values())
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: scale * array for name, array in grads.items()}


@classic(
    "clip_gradients",
    "square root left out",
    "As a rule, long gradients come back too short, and some short ones are shortened too: the "
    "square of the norm was compared with max_norm. The norm is the root of the sum of squares.",
    fails=CLIP_ALL,
)
def clip_gradients_root_forgotten(grads, max_norm):
    norm = sum(np.sum(array**2) for array in grads.values())
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: scale * array for name, array in grads.items()}


@classic(
    "clip_gradients",
    "largest of the arrays' norms",
    "As a rule, long gradients come back too long: with the longest array brought down to "
    "max_norm, all together still have more. Where no array by itself is longer than max_norm, "
    "they even come back unchanged. The norm is that of all arrays together, as of one long "
    "vector.",
    fails=CLIP_LONGER,
)
def clip_gradients_largest_norm(grads, max_norm):
    norm = max(np.linalg.norm(array) for array in grads.values())
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: scale * array for name, array in grads.items()}


@classic(
    "clip_gradients",
    "largest entry for the norm",
    "As a rule, long gradients come back too long: with the largest entry brought down to "
    "max_norm, their norm is still more. Where no entry is beyond max_norm, they even come back "
    "unchanged. The norm in the equation is the root of the sum of all squares.",
    fails=CLIP_LONGER,
)
def clip_gradients_largest_entry(grads, max_norm):
    norm = max(np.max(np.abs(array)) for array in grads.values())
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: scale * array for name, array in grads.items()}


@classic(
    "clip_gradients",
    "mean of the squares instead of their sum",
    "Long gradients come back too long, by the root of the number of entries, or unchanged, where "
    "the root of the mean is below max_norm. The norm is the root of the sum of all squares; with "
    "a mean, a larger network would be allowed longer gradients.",
    fails=CLIP_LONGER,
)
def clip_gradients_root_mean_square(grads, max_norm):
    norm = np.sqrt(np.mean(np.concatenate([array.ravel() for array in grads.values()]) ** 2))
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: scale * array for name, array in grads.items()}


@classic(
    "clip_gradients",
    "sum of absolute values for the norm",
    "As a rule, long gradients come back too short, and some short ones are shortened too. Such a "
    "sum is another norm; the one in the equation is the root of the sum of squares.",
    fails=CLIP_ALL,
)
def clip_gradients_absolute_values(grads, max_norm):
    norm = sum(np.sum(np.abs(array)) for array in grads.values())
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: scale * array for name, array in grads.items()}


@classic(
    "clip_gradients",
    "x and h0 left out of the norm",
    "Long gradients come back too long: the norm was taken over the parameters alone. The "
    "gradients may come under any keys, and all of them belong to the norm.",
    fails=(CLIP_LONG, CLIP_NORM),
)
def clip_gradients_parameters_only(grads, max_norm):
    norm = np.sqrt(sum(np.sum(grads[name] ** 2) for name in "UWVbc"))
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: scale * array for name, array in grads.items()}


@another(clip_gradients_parameters_only)
def clip_gradients_parameters_only_scaled(grads, max_norm):
    norm = np.sqrt(sum(np.sum(grads[name] ** 2) for name in "UWVbc"))
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: scale * grads[name] if name in "UWVbc" else grads[name] for name in grads}


@classic(
    "clip_gradients",
    "zero divided by zero",
    "Gradients that are all zero come back as NaN; everything else is right. The arrays were "
    "divided by their norm to get the direction alone, and zeros have none: 0 / 0 is NaN. "
    "Zeros are short enough to keep their values.",
    fails=(CLIP_ZERO,),
)
def clip_gradients_zero_divided_by_zero(grads, max_norm):
    norm = np.sqrt(sum(np.sum(array**2) for array in grads.values()))
    return {name: array / norm * min(norm, max_norm) for name, array in grads.items()}


@classic(
    "clip_gradients",
    "gradients of the caller changed",
    "What comes back is right, but the caller's own gradients have been scaled too. For example, "
    "*= writes into their arrays, and an assignment to a key writes into their dict. Both are to "
    "stay as they were.",
    fails=(CLIP_SHORT,),
)
def clip_gradients_changed_in_place(grads, max_norm):
    norm = np.sqrt(sum(np.sum(array**2) for array in grads.values()))
    if norm > max_norm:
        for name in grads:
            grads[name] *= max_norm / norm
    return grads


@classic(
    "clip_gradients",
    "arrays left flat",
    "The numbers are right, but the arrays came back as vectors. Each gradient keeps the "
    "shape of its array, since it is subtracted from it.",
    fails=CLIP_ALL,
)
def clip_gradients_flat_results(grads, max_norm):
    flat = {name: array.ravel() for name, array in grads.items()}
    norm = np.linalg.norm(np.concatenate(list(flat.values())))
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: scale * vector for name, vector in flat.items()}
