// complaint: does not say what to expect
int main() {}
